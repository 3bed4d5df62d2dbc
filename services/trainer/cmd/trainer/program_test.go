package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
)

func TestRun(t *testing.T) {
	t.Parallel()
	b, _ := kittest.Program(t, &program{}, "--model", "none.gguf", "--train-failures", "2")
	reply, err := b.Conn().RequestWithContext(t.Context(), contracts.SubjectTrainerStatus, nil)
	if err != nil {
		t.Fatal(err)
	}
	var status contracts.TrainingStatus
	if err := json.Unmarshal(reply.Data, &status); err != nil {
		t.Fatal(err)
	}
	if status.Due || !strings.Contains(status.Why, "no session was rated") {
		t.Errorf("the status is %+v", status)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	nats, blobs := kittest.NATSServer(t), kittest.BlobServer(t)
	for name, args := range map[string][]string{
		"an unknown flag": {"--colour"},
		"a rate":          {"--train-learning-rate", "3"},
		"a rank":          {"--train-rank", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(args, append(kittest.ServerArgs(nats, blobs), "--data", t.TempDir(), "--log-level", "error")...)
			if err := standalone.Run(t.Context(), &program{}, args, func() { t.Error("it serves") }); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}
