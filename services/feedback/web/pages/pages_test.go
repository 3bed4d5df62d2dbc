package pages_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/feedback"
)

func TestDeletingAsksFirst(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}}
	server := serve(t, d)
	ask(t, server, "GET", "/sessions/s-1/delete", nil).shows(t, 200, "Delete this session?", `name="confirm" value="yes"`, `name="csrf" value="token-1"`)
	ask(t, server, "POST", "/sessions/s-1/delete", form()).shows(t, 200, "Delete this session?")
	ask(t, server, "GET", "/sessions/s-1", nil).shows(t, 200, "log in") // still there
	ask(t, server, "POST", "/sessions/s-1/delete", form("confirm", "yes")).shows(t, 200, "3 objects removed", "lora-v7", "adapters rollback")
	for _, method := range []string{"GET", "POST"} {
		ask(t, server, method, "/sessions/s-1/delete", form("confirm", "yes")).shows(t, 404, "There is no such session")
	}
}

func TestDeletingCanFail(t *testing.T) {
	t.Parallel()
	d := &desk{sessions: []feedback.Session{ended("s-1", "log in")}, fails: map[string]error{"Delete": feedback.ErrUnavailable}}
	server := serve(t, d)
	ask(t, server, "POST", "/sessions/s-1/delete", form("confirm", "yes")).shows(t, 503, "try again")
	ask(t, server, "POST", "/sessions/s-1/delete?%zz", form("confirm", "yes")).shows(t, 400, "cannot be read")
}

func TestUnknownAddresses(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{})
	ask(t, server, "GET", "/nothing", nil).shows(t, 404, "There is no such page", "All sessions")
	ask(t, server, "GET", "/sessions/none", nil).shows(t, 404, "There is no such session")
	ask(t, server, "GET", "/static/../pages.go", nil).shows(t, 307)
	ask(t, server, "GET", "/static/none.js", nil).shows(t, 404)
	ask(t, server, "PUT", "/sessions/none/rating", nil).shows(t, 405)
}

func TestEveryAnswerKeepsBrowsersHome(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{})
	for _, path := range []string{"/", "/nothing", "/static/app.js"} {
		got := ask(t, server, "GET", path, nil)
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if got.header.Get("Referrer-Policy") != "same-origin" || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

func TestAssetsAreKeptUntilTheyChange(t *testing.T) {
	t.Parallel()
	server := serve(t, &desk{})
	links := regexp.MustCompile(`/static/[^"]+`).FindAllString(ask(t, server, "GET", "/", nil).body, -1)
	if len(links) != 3 {
		t.Fatalf("the page loads %v", links)
	}
	for _, link := range links {
		got := ask(t, server, "GET", link, nil)
		got.shows(t, 200)
		if cache := got.header.Get("Cache-Control"); !strings.Contains(cache, "immutable") || got.header.Get("ETag") == "" {
			t.Errorf("%s: %q", link, cache)
		}
		plain, _, _ := strings.Cut(link, "?")
		if cache := ask(t, server, "GET", plain, nil).header.Get("Cache-Control"); cache != "no-cache" {
			t.Errorf("%s: %q", plain, cache)
		}
	}
}
