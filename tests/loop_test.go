package tests

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/blobserver"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/services/trainer"
)

// loopPatience bounds one way through the loop. A message that a killed process had taken comes
// again after half a minute, and it may be killed again then.
const loopPatience = 8 * time.Minute

// mostQuits is how often one process may end by itself, and is started again as a service
// manager would.
const mostQuits = 5

// loop is a way through the learning: the trainer and the registry are processes that are
// killed, on servers that stay up.
type loop struct {
	t     *testing.T
	ctx   context.Context //nolint:containedctx // the loop ends as a whole, whoever finds out that it has to
	fail  context.CancelCauseFunc
	nats  *busserver.Server
	s3    *blobserver.Server
	bus   *bus.Bus
	blobs *blob.Store
	data  string
	own   learned

	// brief has a killed process started again at once; else it was away for so long that
	// what it had taken is due again, and no message id is remembered.
	brief bool
	// lease is how long a killed trainer's lease lasts, which the next one waits for. On a machine
	// with other work a short one is lost without a kill.
	lease time.Duration

	mu      sync.Mutex
	ending  bool
	hits    []hit
	running map[*prey]*exec.Cmd
	keepers sync.WaitGroup
}

// errEnded is said of a process that ended by itself, with the status 0.
var errEnded = errors.New("no error")

// learned is what every loop begins with: a base model and the adapter that came with it.
type learned struct{ model, starter string }

// newLearned makes a tiny model and an adapter that has learned nothing.
func newLearned(t *testing.T) learned {
	t.Helper()
	l := learned{model: lmtest.TinyModel(t, 48), starter: filepath.Join(t.TempDir(), "starter")}
	engine, err := lm.Open(t.Context(), l.model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	c := lora.DefaultConfig()
	c.Rank = 4
	adapter, err := engine.NewAdapter(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.SaveAdapter(l.starter, adapter, safetensors.BF16, lora.Metadata{}); err != nil {
		t.Fatal(err)
	}
	return l
}

// prey is one of the processes: the units in it, and where it is to be killed, each time that
// it was started.
type prey struct {
	units []string
	kills []kill
}

// hit is a kill that took place.
type hit struct {
	units []string
	// stage is how far the loop had come, by what is stored; point is what the process had
	// passed last.
	stage, point string
}

func newLoop(t *testing.T, own learned) *loop {
	t.Helper()
	l := &loop{t: t, nats: kittest.NATSServer(t), s3: kittest.BlobServer(t), data: t.TempDir(), own: own, lease: 3 * time.Second, running: map[*prey]*exec.Cmd{}}
	l.bus = kittest.Connect(t, l.nats, bus.Options{})
	var err error
	l.blobs, err = blob.Open(t.Context(), blob.Options{Endpoint: l.s3.Endpoint(), AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.blobs.Close)
	ctx, cancel := context.WithTimeoutCause(t.Context(), loopPatience, fmt.Errorf("the loop did not come to its end within %s", loopPatience))
	t.Cleanup(cancel)
	l.ctx, l.fail = context.WithCancelCause(ctx)
	t.Cleanup(func() { // whatever a test that failed has left
		l.fail(nil)
		l.mu.Lock()
		l.ending = true
		for _, cmd := range l.running {
			_ = cmd.Process.Kill()
		}
		l.mu.Unlock()
		l.keepers.Wait()
	})
	return l
}

// start starts a process and starts it again whenever it was killed.
func (l *loop) start(p *prey) {
	l.keepers.Go(func() {
		quits := 0
		for {
			said, err := l.once(p)
			l.mu.Lock()
			ending := l.ending
			l.mu.Unlock()
			switch {
			case ending && (err == nil || signalled(err, syscall.SIGKILL) || signalled(err, syscall.SIGINT)):
				return
			case !signalled(err, syscall.SIGKILL) && quits < mostQuits:
				quits++ // a server did not answer in time on a machine with other work
				l.t.Logf("%v is started again after %v: %s", p.units, err, said)
				continue
			case !signalled(err, syscall.SIGKILL):
				l.fail(fmt.Errorf("%v was not killed but ended with %w: %s", p.units, cmp.Or(err, errEnded), said))
				return
			}
			point, _, _ := bytes.Cut(said[bytes.LastIndex(said, []byte(killedAfter))+len(killedAfter):], []byte("\n"))
			l.mu.Lock()
			l.hits = append(l.hits, hit{p.units, l.stage(), string(point)})
			l.mu.Unlock()
			if !l.brief {
				l.beAway(p)
			}
		}
	})
}

// once runs a process to its end, and returns what it said.
func (l *loop) once(p *prey) ([]byte, error) {
	v := loopVictim{NATS: l.nats.URL(), S3: l.s3.Endpoint(), Data: l.data, Units: p.units, Trainer: l.config(), Starter: l.own.starter}
	if len(p.kills) > 0 {
		v.Kill, p.kills = p.kills[0], p.kills[1:]
	}
	setting, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	said := &bytes.Buffer{}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), loopVictimVariable+"="+string(setting), "GOMAXPROCS=1", "GROKPUTER_E2E_DATA="+l.data) // the last for noneSoon
	cmd.Stderr, cmd.WaitDelay = said, 10*time.Second
	if _, err := cmd.StdinPipe(); err != nil { // closed when this process ends, however it does
		return nil, err
	}
	l.mu.Lock()
	if l.ending {
		l.mu.Unlock()
		return nil, nil
	}
	err = cmd.Start()
	l.running[p] = cmd
	l.mu.Unlock()
	if err == nil {
		err = cmd.Wait()
	}
	return said.Bytes(), err
}

// end has the processes end, and waits until they have.
func (l *loop) end() {
	l.mu.Lock()
	l.ending = true
	for _, cmd := range l.running {
		_ = cmd.Process.Signal(syscall.SIGINT) // it may have been killed just now
	}
	l.mu.Unlock()
	l.keepers.Wait()
}

// config are settings with which a training takes a second and its version passes the gate.
func (l *loop) config() trainer.Config {
	c := trainer.DefaultConfig()
	c.Model, c.LeaseTTL = l.own.model, l.lease
	c.When.CoolDown, c.When.LookEvery = time.Hour, time.Second
	c.Recipe.Rank, c.Recipe.Variants, c.Recipe.Batch, c.Recipe.LearningRate = 4, 8, 4, 1e-2
	c.Recipe.MinSteps, c.Recipe.Epochs, c.Recipe.CheckpointEvery, c.Recipe.EvalEvery, c.Recipe.LeaveOut = 40, 1, 8, 20, 0
	return c
}

// beAway lets as much time pass as after a power cut: what the process had taken is due again, and
// no stream remembers which message ids it holds. What is set here the process sets back.
func (l *loop) beAway(p *prey) {
	const soon = 100 * time.Millisecond
	js := l.bus.JetStream()
	for _, c := range contracts.Consumers() {
		if !p.reads(c) {
			continue
		}
		consumer, err := js.Consumer(l.ctx, c.Stream, c.Durable)
		if err == nil {
			config := consumer.CachedInfo().Config
			config.AckWait = soon
			_, err = js.UpdateConsumer(l.ctx, c.Stream, config)
		}
		if err != nil {
			l.fail(fmt.Errorf("set when %s is due again: %w", c.Durable, err))
			return
		}
	}
	for _, config := range contracts.Streams() {
		if config.Name != contracts.StreamTraining && config.Name != contracts.StreamAdapters {
			continue
		}
		config.Duplicates = soon
		if _, err := js.UpdateStream(l.ctx, config); err != nil {
			l.fail(fmt.Errorf("set how long %s remembers ids: %w", config.Name, err))
			return
		}
	}
	<-time.After(4 * soon) // the server does not tell when it has forgotten
}

// reads reports whether a consumer is one of the process's.
func (p *prey) reads(c contracts.Consumer) bool {
	for _, unit := range p.units {
		if len(c.Durable) > len(unit) && c.Durable[:len(unit)+1] == unit+"-" {
			return true
		}
	}
	return false
}
