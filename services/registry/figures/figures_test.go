package figures_test

import (
	"slices"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/figures"
)

func session(version string, stars int, outcome string, at time.Time) figures.Session {
	s := figures.Session{Version: version, Stars: stars, Time: at}
	if ok := outcome == "done"; outcome != "" {
		s.Success = &ok
	}
	return s
}

func TestVersions(t *testing.T) {
	t.Parallel()
	adapter := func(version, parent string) contracts.Adapter {
		return contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: version, Parent: parent}}
	}
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	var sessions []figures.Session
	for range 30 {
		sessions = append(sessions, session("lora-v1", 3, "failed", at), session("lora-v2", 4, "done", at))
	}
	sessions = append(sessions, session("lora-v1", 0, "", at), session("none", 5, "done", at), session("", 1, "failed", at), session("gone", 0, "done", at))
	got := figures.Versions([]contracts.Adapter{adapter("lora-v1", ""), adapter("lora-v2", "lora-v1"), adapter("lora-v3", "lora-v2")}, sessions)
	var names []string
	for _, v := range got {
		names = append(names, v.Version)
	}
	if !slices.Equal(names, []string{"lora-v1", "lora-v2", "lora-v3", "gone", "none"}) {
		t.Fatalf("%v", names)
	}
	v1, v2, v3 := got[0], got[1], got[2]
	if v1.Sessions != 31 || v1.Stars.N != 30 || v1.Stars.Value != 3 || v1.Success.N != 30 || v1.Success.Value != 0 || v1.Parent != "none" || v1.StarsGain.N != 1 || v1.StarsGain.Value != -2 {
		t.Errorf("%+v", v1)
	}
	if v2.Parent != "lora-v1" || v2.Ratings != [5]int{0, 0, 0, 30, 0} || v2.StarsGain.Value != 1 || v2.StarsGain.Low < 0.5 || v2.StarsGain.High > 1.5 || v2.SuccessGain.Value != 1 || v2.SuccessGain.Low < 0.8 {
		t.Errorf("%+v", v2)
	}
	if v3.Sessions != 0 || v3.Stars.N != 0 || v3.StarsGain.N != 0 || v3.SuccessGain.N != 0 {
		t.Errorf("%+v", v3)
	}
	if got[3].Parent != "" || got[4].StarsGain.N != 0 {
		t.Errorf("%+v", got[3:])
	}
}

func TestWeeks(t *testing.T) {
	t.Parallel()
	if got := figures.Weeks(nil, nil); got == nil || len(got) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
	// Monday of the year's last week, and the Sunday before, by the clock of UTC.
	monday := time.Date(2026, 12, 28, 0, 0, 0, 0, time.UTC)
	east := time.FixedZone("", 3600)
	champions := []contracts.ChampionSince{{Version: "lora-v1", Time: monday.AddDate(0, 0, -8)}, {Version: "lora-v2", Time: monday.AddDate(0, 0, 13)}}
	got := figures.Weeks([]figures.Session{
		session("v", 4, "done", monday), session("v", 2, "failed", monday.AddDate(0, 0, 6)),
		session("v", 5, "", monday.Add(-time.Second).In(east)),
	}, champions)
	var names []string
	for _, w := range got {
		names = append(names, w.Week)
	}
	if !slices.Equal(names, []string{"2026-W51", "2026-W52", "2026-W53", "2027-W01"}) {
		t.Fatalf("%v", names)
	}
	if len(got[0].Champions) != 1 || got[0].Stars.N != 0 || got[1].Stars.N != 1 || got[1].Success.N != 0 ||
		got[2].Stars.Value != 3 || got[2].Success.Value != 0.5 || len(got[3].Champions) != 1 {
		t.Errorf("%+v", got)
	}
}
