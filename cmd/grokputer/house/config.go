// Package house is every service in one process: NATS with JetStream on disk,
// an S3 server, a screen with a window manager, and the services that work on
// them. Whatever is set to be elsewhere is not started here.
package house

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/folders"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/actor/xtest"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/trainer"
)

// Config is what a house is made of.
type Config struct {
	// Data is the folder for everything that is kept; it is absolute.
	Data     string
	NATS     NATS
	S3       S3
	HTTP     HTTP
	Screen   Screen
	Planner  Planner
	Actor    actor.Config
	Observer observer.Options
	// Reader is what reads the screen, with the folder of its models.
	Reader   readers.Settings
	Registry registry.Options
	// Trainer is how adapters are trained; nil trains none.
	Trainer *trainer.Config
	// Robotgo moves pointer and keys by robotgo, which cannot tell after a crash
	// what it had sent.
	Robotgo bool
	// Typing is how text gets to a program, unless it goes by robotgo.
	Typing xtest.Typing
	// StopKey are the keys that a person holds to stop everything; none when empty.
	StopKey []string
	// Secrets are what the agent types without knowing it; none when nil.
	Secrets secrets.Store
	// Apps are the applications that the agent may open.
	Apps []launch.App
	// AppEnv is added to the environment of the applications.
	AppEnv []string
	// Folders are where it may look for files and save pictures.
	Folders []folders.Folder
	Log     *slog.Logger         // silent when nil
	Tracing trace.TracerProvider // none when nil
}

// NATS is the server for the events.
type NATS struct {
	// URL is a server to use; empty starts one on Port of the loopback interface.
	URL            string
	User, Password string
	Credentials    string // a .creds file
	Replicas       int
	Port           int // 0 takes a free one
	// WriteContext has the nats client know the started server.
	WriteContext bool
}

// S3 is the server for pictures, adapters and datasets.
type S3 struct {
	// Endpoint is a server to use; empty starts one on Port of the loopback interface.
	Endpoint             string
	Bucket               string
	AccessKey, SecretKey string
	Secure               bool
	Port                 int // 0 takes a free one
}

// HTTP is the door of the feedback service: its pages and its API.
type HTTP struct {
	Port int // on the loopback interface; 0 takes a free one
	// Token lets in other users of this machine; made and kept in the data folder when empty.
	Token string
	// Version is told to who reads the API's description.
	Version string
}

// Screen is the desktop to work on.
type Screen struct {
	// Display is an X display to use; empty starts one of our own.
	Display       string
	Width, Height int
	// Kbinani takes the pictures with kbinani/screenshot.
	Kbinani bool
	Monitor observer.Monitor
}

// Planner is what plans the actions.
type Planner struct {
	// Own plans instead of a model when it is set.
	Own actor.Planner
	// URL is an OpenAI-compatible endpoint; empty runs Model in this process.
	URL string
	Key string
	// Name is the model's name at the endpoint.
	Name string
	// Images attaches the picture of the screen, for a model that takes one.
	Images bool
	// Timeout bounds one request to the endpoint.
	Timeout time.Duration
	// Model is the file of the base model, and SHA256 its hash; empty accepts any.
	Model, SHA256 string
	// Adapter is a folder with a LoRA adapter that plans every task; empty runs the
	// base model as it is, unless Registry is set.
	Adapter string
	// Registry has the registry say, task by task, which adapter plans.
	Registry bool
}

// Validate names the first field that cannot be used and why.
func (c Config) Validate() error {
	switch {
	case !filepath.IsAbs(c.Data):
		return fmt.Errorf("data: %q is not an absolute path", c.Data)
	case c.NATS.Port < 0 || c.NATS.Port > 65535:
		return fmt.Errorf("nats-port: %d is not a port", c.NATS.Port)
	case c.S3.Port < 0 || c.S3.Port > 65535:
		return fmt.Errorf("s3-port: %d is not a port", c.S3.Port)
	case c.HTTP.Port < 0 || c.HTTP.Port > 65535:
		return fmt.Errorf("http-port: %d is not a port", c.HTTP.Port)
	case c.Planner.Own == nil && c.Planner.URL == "" && c.Planner.Model == "":
		return fmt.Errorf("model: there is none, and no planner-url either")
	}
	return nil
}
