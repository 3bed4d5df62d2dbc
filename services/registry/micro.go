package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// answerTimeout bounds the work on one request.
const answerTimeout = 10 * time.Second

// answer offers the registry as a NATS micro service.
func (s *service) answer(ctx context.Context) (micro.Service, error) {
	service, err := micro.AddService(s.bus.Conn(), micro.Config{
		Name: "registry", Version: s.options.Version, Description: "Knows every adapter version, and which is in use",
	})
	if err != nil {
		return nil, fmt.Errorf("offer the micro service: %w", err)
	}
	for name, endpoint := range map[string]struct {
		subject string
		do      func(context.Context, []byte) (any, error)
	}{
		"list":        {contracts.SubjectRegistryList, asked(question, s.list)},
		"get":         {contracts.SubjectRegistryGet, asked(question, s.get)},
		"resolve":     {contracts.SubjectRegistryResolve, asked(question, s.resolve)},
		"promote":     {contracts.SubjectRegistryPromote, asked(question, s.promote)},
		"rollback":    {contracts.SubjectRegistryRollback, asked(question, s.rollback)},
		"canary":      {contracts.SubjectRegistryCanary, asked(question, s.canary)},
		"protect":     {contracts.SubjectRegistryProtect, asked(question, s.protect)},
		"unprotect":   {contracts.SubjectRegistryUnprotect, asked(question, s.unprotect)},
		"gc":          {contracts.SubjectRegistryCollect, asked(collectQuestion, s.collect)},
		"lineage":     {contracts.SubjectRegistryLineage, asked(question, s.lineage)},
		"figures":     {contracts.SubjectRegistryFigures, asked(question, s.figures)},
		"experiments": {contracts.SubjectRegistryExperiments, asked(experimentQuestion, s.listExperiments)},
		"experiment":  {contracts.SubjectRegistryExperiment, asked(experimentQuestion, s.showExperiment)},
	} {
		handle := func(r micro.Request) { s.respond(ctx, r, endpoint.do) }
		if err := service.AddEndpoint(name, micro.HandlerFunc(handle), micro.WithEndpointSubject(endpoint.subject)); err != nil {
			return nil, errors.Join(fmt.Errorf("offer the micro service: %w", err), service.Stop())
		}
	}
	return service, nil
}

// asked reads a request and answers it.
func asked[Q, A any](read func([]byte) (Q, error), answer func(context.Context, Q) (A, error)) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, body []byte) (any, error) {
		q, err := read(body)
		if err != nil {
			return nil, err
		}
		return answer(ctx, q)
	}
}

// respond answers one request.
func (s *service) respond(ctx context.Context, r micro.Request, do func(context.Context, []byte) (any, error)) {
	ctx, cancel := context.WithTimeout(bus.Extract(ctx, map[string][]string(r.Headers())), answerTimeout)
	defer cancel()
	answer, err := do(ctx, r.Data())
	if err != nil {
		err = r.Error(code(err), err.Error(), nil)
	} else {
		err = r.RespondJSON(answer)
	}
	if err != nil {
		s.log.Warn("a request was not answered", "subject", r.Subject(), "err", err)
	}
}

// errQuestion means that a request cannot be read.
var errQuestion = errors.New("the request is not a version or JSON such as {\"version\": \"lora-v1\"}")

// question reads a request: nothing, a version as plain text, or JSON.
func question(body []byte) (contracts.AdapterQuery, error) {
	text := strings.TrimSpace(string(body))
	var q contracts.AdapterQuery
	switch {
	case text == "":
		return q, nil
	case text[0] != '{':
		q.Version = text
	default:
		if err := json.Unmarshal([]byte(text), &q); err != nil {
			return q, fmt.Errorf("%w: %w", errQuestion, err)
		}
	}
	if q.Version != "" && !contracts.ValidToken(q.Version) {
		return q, fmt.Errorf("%w: a version is of letters, digits, - and _", errQuestion)
	}
	_, err := readRole(q.Role)
	return q, err
}

func code(err error) string {
	switch {
	case errors.Is(err, errQuestion), errors.Is(err, errRole):
		return contracts.MicroBadRequest
	case errors.Is(err, ErrUnknown), errors.Is(err, ErrNoExperiment):
		return contracts.MicroNotFound
	case errors.Is(err, ErrRefused):
		return contracts.MicroConflict
	case errors.Is(err, context.DeadlineExceeded):
		return contracts.MicroUnavailable
	default:
		return contracts.MicroInternal
	}
}

// list returns every version of a role.
func (s *service) list(ctx context.Context, q contracts.AdapterQuery) (contracts.AdapterList, error) {
	var answer contracts.AdapterList
	var err error
	if answer.Aliases, _, err = s.aliases.get(ctx, roleOf(q)); err != nil {
		return answer, err
	}
	answer.Adapters, err = s.versions.list(ctx, roleOf(q))
	return answer, err
}

// get returns one version: the champion when none is named.
func (s *service) get(ctx context.Context, q contracts.AdapterQuery) (contracts.Adapter, error) {
	role := roleOf(q)
	if q.Version == "" {
		current, _, err := s.aliases.get(ctx, role)
		if err != nil {
			return contracts.Adapter{}, err
		}
		if q.Version = current.Champion; q.Version == "" {
			return contracts.Adapter{}, fmt.Errorf("%w: no version of the role %s is in use", ErrUnknown, role)
		}
	}
	a, _, err := s.versions.get(ctx, role, q.Version)
	if errors.Is(err, ErrUnknown) {
		return a, s.unknown(ctx, role, err)
	}
	return a, err
}

// unknown adds to an error which versions there are.
func (s *service) unknown(ctx context.Context, role contracts.Role, err error) error {
	list, listErr := s.versions.list(ctx, role)
	if listErr != nil {
		return errors.Join(err, listErr)
	}
	if len(list) == 0 {
		return fmt.Errorf("%w (there are none)", err)
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.Version
	}
	return fmt.Errorf("%w (there are %s)", err, strings.Join(names, ", "))
}

// resolve returns the version that the role's requests of a task are to be made with, and what
// serves when that one cannot be loaded.
func (s *service) resolve(ctx context.Context, q contracts.AdapterQuery) (contracts.AdapterResolved, error) {
	role := roleOf(q)
	answer := contracts.AdapterResolved{Role: role}
	if q.Version == contracts.VersionNone {
		return answer, nil
	}
	current, _, err := s.aliases.get(ctx, role)
	if err != nil {
		return answer, err
	}
	if q.Version != "" {
		a, err := s.get(ctx, q)
		if err != nil {
			return answer, err
		}
		if err := refusal(a); err != nil {
			return answer, err
		}
		answer.Adapter = &a
		return answer, nil
	}
	first, err := s.assigned(ctx, current, q.TaskID)
	if err != nil {
		return answer, err
	}
	for _, name := range inOrder(role, current, first) {
		a, _, err := s.versions.get(ctx, role, name)
		switch {
		case errors.Is(err, ErrUnknown):
		case err != nil:
			return answer, err
		case answer.Adapter == nil:
			answer.Adapter = &a
		default:
			answer.Fallback = append(answer.Fallback, a)
		}
	}
	return answer, nil
}

// inOrder are the versions that serve for a task, the best first. A role without a champion has
// none, whatever it had before: the planner's serves.
func inOrder(role contracts.Role, current contracts.Aliases, first string) (names []string) {
	candidates := []string{first, current.Champion, current.Previous}
	switch {
	case role == contracts.RolePlanner:
		candidates = append(candidates, contracts.VersionStarter)
	case current.Champion == "":
		return nil
	}
	for _, name := range candidates {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
