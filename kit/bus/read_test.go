package bus_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

// Read returns with what is stored, in order and also when it is more than one batch, and
// goes on after a sequence.
func TestRead(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	const n = 600
	var want []string
	for i := range n {
		id := fmt.Sprint("t", i)
		publish(t, b, id)
		want = append(want, id)
	}
	read := func(filter []string, from bus.From) (ids []string, last uint64) {
		t.Helper()
		err := b.Read(deadline(t), contracts.StreamTasks, filter, from, func(m bus.Message) error {
			e, err := bus.Decode[contracts.TaskCancel](m)
			ids, last = append(ids, e.TaskID), m.Sequence
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids, last
	}
	got, last := read(nil, bus.FromStart())
	if !slices.Equal(got, want) || last != n {
		t.Errorf("%d were read up to %d, want %d in order", len(got), last, n)
	}
	if got, _ := read(nil, bus.FromAfter(n-2)); !slices.Equal(got, want[n-2:]) {
		t.Errorf("after %d: %v", n-2, got)
	}
	if got, _ := read(nil, bus.FromAfter(n)); len(got) != 0 {
		t.Errorf("after the last one: %v", got)
	}
	if got, _ := read([]string{contracts.SubjectTaskCancel()}, bus.FromLastPerSubject()); !slices.Equal(got, want[n-1:]) {
		t.Errorf("the last one: %v", got)
	}
	if got, _ := read([]string{contracts.SubjectTaskVerb(contracts.VerbFailed)}, bus.FromStart()); len(got) != 0 {
		t.Errorf("of another subject: %v", got)
	}
}

func TestReadEndsWithItsFunction(t *testing.T) {
	t.Parallel()
	b := kittest.NATS(t)
	publish(t, b, "t")
	publish(t, b, "u")
	enough, calls := errors.New("enough"), 0
	err := b.Read(deadline(t), contracts.StreamTasks, nil, bus.FromStart(), func(bus.Message) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%v after %d", err, calls)
	}
	if err := b.Read(deadline(t), "NONE", nil, bus.FromStart(), func(bus.Message) error { return nil }); err == nil {
		t.Error("a stream that is not there was read")
	}
}
