package main

import (
	"encoding/json"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/standalone"
)

func TestRun(t *testing.T) {
	t.Parallel()
	b, _ := kittest.Program(t, &program{}, "--no-registry-auto-promote")
	reply, err := b.Conn().RequestWithContext(t.Context(), contracts.SubjectRegistryList, nil)
	if err != nil {
		t.Fatal(err)
	}
	var list contracts.AdapterList
	if err := json.Unmarshal(reply.Data, &list); err != nil || list.Adapters == nil {
		t.Errorf("the answer is %s, %v", reply.Data, err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	args := []string{"--data", t.TempDir(), "--registry-auto-promote=perhaps"}
	if err := standalone.Run(t.Context(), &program{}, args, func() { t.Error("it serves") }); err == nil {
		t.Error("it is accepted")
	}
}
