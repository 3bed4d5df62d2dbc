package unit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/unit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errTest = errors.New("it broke")

// fake is a unit made of a function.
type fake struct {
	name string
	run  func(ctx context.Context, env unit.Env) error
}

func (f fake) Name() string                                { return f.name }
func (f fake) Run(ctx context.Context, env unit.Env) error { return f.run(ctx, env) }

// serving is ready at once and runs until it is told to end.
func serving(name string) fake {
	return fake{name, func(ctx context.Context, env unit.Env) error {
		env.Ready()
		<-ctx.Done()
		return ctx.Err()
	}}
}

func TestReadyOnceWhenAllAreReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		gate := make(chan struct{})
		late := fake{"late", func(ctx context.Context, env unit.Env) error {
			<-gate
			env.Ready()
			env.Ready() // more than once does no harm
			<-ctx.Done()
			return nil
		}}
		var ready atomic.Int32
		ended := make(chan error, 1)
		go func() {
			ended <- unit.Run(ctx, unit.Env{Ready: func() { ready.Add(1) }}, serving("early"), late)
		}()
		synctest.Wait()
		if n := ready.Load(); n != 0 {
			t.Errorf("ready %d times before the last unit was", n)
		}
		close(gate)
		synctest.Wait()
		if n := ready.Load(); n != 1 {
			t.Errorf("ready %d times, want once", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestUnitsEndInReverseOrder(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	var order []string
	one := func(name string) fake {
		return fake{name, func(ctx context.Context, env unit.Env) error {
			env.Ready()
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			return nil
		}}
	}
	if err := unit.Run(ctx, unit.Env{Ready: cancel}, one("a"), one("b"), one("c")); err != nil {
		t.Fatal(err)
	}
	if want := []string{"c", "b", "a"}; !slices.Equal(order, want) {
		t.Errorf("ended in the order %v, want %v", order, want)
	}
}

func TestFailedUnitIsStartedAgain(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"an error": func() error { return errTest },
		"a panic":  func() error { panic("out of cheese") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				tries := 0
				u := fake{"u", func(ctx context.Context, env unit.Env) error {
					if tries++; tries < 3 {
						return fail()
					}
					env.Ready()
					<-ctx.Done()
					return nil
				}}
				if err := unit.Run(ctx, unit.Env{Ready: cancel}, u); err != nil || tries != 3 {
					t.Errorf("%v after %d tries, want none after 3", err, tries)
				}
			})
		})
	}
}

func TestUnitThatKeepsFailingEndsAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		bad := fake{"bad", func(context.Context, unit.Env) error {
			tries++
			return errTest
		}}
		err := unit.Run(t.Context(), unit.Env{}, serving("good"), bad)
		if !errors.Is(err, unit.ErrGaveUp) || !errors.Is(err, errTest) || !strings.HasPrefix(err.Error(), "bad: ") {
			t.Errorf("%v, want ErrGaveUp with name and cause", err)
		}
		if tries != 5 {
			t.Errorf("tried %d times, want 5", tries)
		}
	})
}

func TestPanicIsAnErrorOfTheUnit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := fake{"bad", func(context.Context, unit.Env) error { panic("out of cheese") }}
		err := unit.Run(t.Context(), unit.Env{}, bad)
		if !errors.Is(err, unit.ErrPanic) || !strings.Contains(err.Error(), "out of cheese") {
			t.Errorf("%v, want ErrPanic with its value", err)
		}
	})
}

// A service that fails once an hour is not one that keeps failing.
func TestFailuresFarApartAreForgiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tries := 0
		u := fake{"u", func(ctx context.Context, _ unit.Env) error {
			if tries++; tries == 20 {
				cancel()
				<-ctx.Done()
				return nil
			}
			time.Sleep(time.Hour) // of the bubble's clock
			return errTest
		}}
		if err := unit.Run(ctx, unit.Env{}, u); err != nil || tries != 20 {
			t.Errorf("%v after %d tries", err, tries)
		}
	})
}

func TestRunEndsWhenEveryUnitIsDone(t *testing.T) {
	t.Parallel()
	done := fake{"done", func(context.Context, unit.Env) error { return nil }}
	if err := unit.Run(t.Context(), unit.Env{}, done, done); err != nil {
		t.Error(err)
	}
}

func TestUnitThatDoesNotEndIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		deaf := fake{"deaf", func(_ context.Context, env unit.Env) error {
			env.Ready()
			<-release
			return nil
		}}
		err := unit.Run(ctx, unit.Env{Ready: cancel}, deaf)
		if !errors.Is(err, unit.ErrStuck) || !strings.HasPrefix(err.Error(), "deaf: ") {
			t.Errorf("%v, want ErrStuck with the unit's name", err)
		}
		close(release)
	})
}
