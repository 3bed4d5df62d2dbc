package actor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/scripted"
)

// adaptable is a scripted planner that refuses some adapters.
type adaptable struct {
	*scripted.Planner

	mu       sync.Mutex
	attached actor.Adapter
	refuses  []string
	// sure is how sure the planner's choices of elements are, 1 when it is 0; asked are the
	// adapters that were attached at each Plan, with the verb that was the only one.
	sure  float64
	asked []string
}

func (p *adaptable) Plan(ctx context.Context, state prompt.State, may actor.Constraint) (actor.Decision, error) {
	d, err := p.Planner.Plan(ctx, state, may)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sure > 0 && may.Verb == "" {
		d.Confidence = p.sure
	}
	p.asked = append(p.asked, strings.TrimSpace(p.attached.Version+" "+string(may.Verb)))
	return d, err
}

func (p *adaptable) Identity() actor.Identity {
	p.mu.Lock()
	defer p.mu.Unlock()
	return actor.Identity{Planner: "scripted", Adapter: p.attached.Version}
}

func (p *adaptable) Attach(_ context.Context, a actor.Adapter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.refuses, a.Version) {
		return errors.New("another base")
	}
	p.attached = a
	return nil
}

func (p *adaptable) Attached() actor.Adapter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attached
}

// shelf are adapters by name; each named one is there, and the champion is the first.
type shelf struct {
	versions []string
	others   map[contracts.Role][]string // of other roles than the planner
	away     bool
	broken   []string // that cannot be fetched
}

func (s *shelf) Choose(_ context.Context, q contracts.AdapterQuery) ([]contracts.Adapter, error) {
	version, versions := q.Version, s.versions
	if q.Role != contracts.RolePlanner {
		if versions = s.others[q.Role]; version == "" && len(versions) == 0 {
			return nil, nil
		}
	}
	if s.away {
		return nil, actor.ErrNoAdapter
	}
	if version == contracts.VersionNone {
		return nil, nil
	}
	var chosen []contracts.Adapter
	for _, v := range versions {
		if version == "" || version == v {
			chosen = append(chosen, contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: v}})
		}
	}
	if len(chosen) == 0 {
		return nil, actor.ErrNoAdapter
	}
	return chosen, nil
}

func (s *shelf) Fetch(_ context.Context, a contracts.Adapter) (actor.Adapter, error) {
	if slices.Contains(s.broken, a.Version) {
		return actor.Adapter{}, errors.New("its hash is another")
	}
	return actor.Adapter{Version: a.Version}, nil
}

func TestTheTaskIsPlannedWithTheRightAdapter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		shelf    shelf
		refuses  []string
		attached string // before the task
		asked    string
		want     string // empty: the task fails
	}{
		"the champion":                         {shelf: shelf{versions: []string{"lora-v2", "lora-v1"}}, want: "lora-v2"},
		"the one that is asked for":            {shelf: shelf{versions: []string{"lora-v2", "lora-v1"}}, asked: "lora-v1", want: "lora-v1"},
		"none, as asked for":                   {shelf: shelf{versions: []string{"lora-v2"}}, asked: "none", want: "none"},
		"a champion that is damaged":           {shelf: shelf{versions: []string{"lora-v2", "lora-v1"}, broken: []string{"lora-v2"}}, want: "lora-v1"},
		"a champion for another base":          {shelf: shelf{versions: []string{"lora-v2", "starter"}}, refuses: []string{"lora-v2"}, want: "starter"},
		"asked for, but damaged":               {shelf: shelf{versions: []string{"lora-v2", "lora-v1"}, broken: []string{"lora-v2"}}, attached: "lora-v1", asked: "lora-v2"},
		"asked for, but unknown":               {shelf: shelf{versions: []string{"lora-v2"}}, attached: "lora-v2", asked: "lora-v7"},
		"no registry, one in use":              {shelf: shelf{away: true}, attached: "lora-v1", want: "lora-v1"},
		"no registry, none in use":             {shelf: shelf{away: true}},
		"nothing can be loaded, one is in use": {shelf: shelf{versions: []string{"lora-v2"}, broken: []string{"lora-v2"}}, attached: "lora-v1", want: "lora-v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, editor())
			h.planner = &adaptable{Planner: scripted.New(scripted.List("done")), attached: actor.Adapter{Version: c.attached}, refuses: c.refuses}
			h.adapters = &c.shelf
			h.start()
			h.ask(`{"task": "do", "id": "t", "adapter": "` + c.asked + `"}`)
			verb, end := h.ended("t")
			if c.want == "" {
				if verb != contracts.VerbFailed || end.Code != contracts.ReasonNoAdapter || end.Reason == "" {
					t.Errorf("the task was %s: %s: %s", verb, end.Code, end.Reason)
				}
				return
			}
			started := decode[contracts.TaskStarted](t, h.await(contracts.VerbStarted, "t").data)
			if verb != contracts.VerbCompleted || started.Adapter != c.want || h.session(end.SessionID).Adapter != c.want {
				t.Errorf("the task was %s with %q, want %q: %s", verb, started.Adapter, c.want, end.Reason)
			}
		})
	}
}

// A version that one task asks for is that task's alone.
func TestTheNextTaskHasTheChampionAgain(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.planner = &adaptable{Planner: scripted.New(scripted.List("done", "done"))}
	h.adapters = &shelf{versions: []string{"lora-v2", "lora-v1"}}
	h.start()
	h.ask(`{"task": "do", "id": "a", "adapter": "lora-v1"}`)
	h.ask(`{"task": "do", "id": "b"}`)
	h.ended("b")
	for id, want := range map[string]string{"a": "lora-v1", "b": "lora-v2"} {
		if got := decode[contracts.TaskStarted](t, h.await(contracts.VerbStarted, id).data).Adapter; got != want {
			t.Errorf("task %s was planned with %q, want %q", id, got, want)
		}
	}
}

func TestAnAdapterThatNoVersionCanHaveIsRejected(t *testing.T) {
	t.Parallel()
	h := build(t, editor())
	h.start()
	h.ask(`{"task": "do", "id": "t", "adapter": "../x"}`)
	verb, end := h.ended("t")
	if verb != contracts.VerbRejected || end.Code != contracts.ReasonMalformed || !strings.Contains(end.Reason, "lora-v3") {
		t.Errorf("the task was %s: %s: %s", verb, end.Code, end.Reason)
	}
}
