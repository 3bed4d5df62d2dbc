//go:build peers

package openai

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/actor"
)

// TestPeer asks a real server, llama_cpp.server with the base model. make
// test-peers installs it and says where in GROKPUTER_PEER_PYTHON and
// GROKPUTER_PEER_MODEL.
func TestPeer(t *testing.T) {
	t.Parallel()
	p, err := New(Options{URL: serve(t) + "/v1", Model: "smollm2", MaxTokens: 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := p.complete(t.Context(), []message{{Role: "user", Content: "What is the capital of France?"}})
	if err != nil || !strings.Contains(text, "France") { // what else it says is the model's affair
		t.Errorf("the server says %q, %v", text, err)
	}
	// The bare model is no planner. What matters is that its answer is either an
	// action that can be done or refused as one that cannot.
	d, err := p.Plan(t.Context(), prompt.State{Task: "open the calculator"}, actor.Constraint{Apps: []string{"calculator"}})
	switch {
	case err == nil:
		t.Logf("it says %s", d.Action)
	case !errors.Is(err, actor.ErrNoPlan) || !strings.Contains(err.Error(), "cannot be done"):
		t.Errorf("plan: %v", err)
	}
}

// serve starts the server on a free port and returns its address once it answers.
func serve(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(t.Context(), os.Getenv("GROKPUTER_PEER_PYTHON"), "-m", "llama_cpp.server",
		"--model", os.Getenv("GROKPUTER_PEER_MODEL"), "--model_alias", "smollm2",
		"--host", "127.0.0.1", "--port", strconv.Itoa(port), "--n_threads", "2")
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
	ready := make(chan string, 1)
	go func() {
		const sign = "Uvicorn running on"
		var all strings.Builder
		buffer := make([]byte, 4096)
		for {
			n, err := said.Read(buffer)
			all.Write(buffer[:n])
			if strings.Contains(all.String(), sign) {
				ready <- ""
				_, _ = io.Copy(io.Discard, said)
				return
			}
			if err != nil {
				ready <- all.String()
				return
			}
		}
	}()
	select {
	case failure := <-ready:
		if failure != "" {
			t.Fatalf("llama_cpp.server ended: %s", failure)
		}
	case <-ctx.Done():
		t.Fatal("llama_cpp.server does not start")
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
