package trainer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
)

// victimVariable has the test binary be a trainer that a test can kill.
const victimVariable = "TRAINER_TEST_VICTIM"

func TestMain(m *testing.M) {
	if setting := os.Getenv(victimVariable); setting != "" {
		if err := beVictim(setting); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// victim is what a trainer in a process of its own has to know.
type victim struct {
	NATS   string         `json:"nats"`
	S3     string         `json:"s3"`
	Data   string         `json:"data"`
	Config trainer.Config `json:"config"`
	KillAt trainer.Moment `json:"kill_at"` // none when empty
}

// beVictim runs a trainer until it is interrupted, or kills itself.
func beVictim(setting string) error {
	var v victim
	if err := json.Unmarshal([]byte(setting), &v); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := bus.Connect(ctx, bus.Options{URL: v.NATS, User: kittest.User, Password: kittest.Password, Name: "victim"})
	if err != nil {
		return err
	}
	defer b.Close()
	store, err := blob.Open(ctx, blob.Options{Endpoint: v.S3, AccessKey: kittest.AccessKey, SecretKey: kittest.SecretKey})
	if err != nil {
		return err
	}
	defer store.Close()
	v.Config.Hook = func(m trainer.Moment, _ string) {
		if m == v.KillAt {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
	t, err := trainer.New(v.Config, job.Process{})
	if err != nil {
		return err
	}
	return unit.Run(ctx, unit.Env{Bus: b, Blobs: store, DataDir: v.Data}, t)
}
