package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/credentials"
	"github.com/grokputer/grokputer/kit/settings"
	"github.com/grokputer/grokputer/kit/telemetry"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/tesseract"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
	"github.com/grokputer/grokputer/services/observer/xshot"
)

// flushTimeout bounds the sending of what telemetry still holds at the end.
const flushTimeout = 5 * time.Second

// program are the settings.
type program struct {
	Config kong.ConfigFlag `help:"One more settings file." placeholder:"FILE"`
	Data   string          `help:"Data folder, whose credentials are used where none are set; without it $XDG_DATA_HOME/grokputer." type:"path" placeholder:"FOLDER"`

	NATS struct {
		URL         string `name:"url" help:"NATS server." default:"nats://127.0.0.1:4222" placeholder:"URL"`
		User        string `help:"User at that server." placeholder:"NAME"`
		Password    string `help:"Password at that server; better set as GROKPUTER_NATS_PASSWORD." placeholder:"TEXT"`
		Credentials string `help:"File with credentials (.creds) for that server." type:"existingfile" placeholder:"FILE"`
		Replicas    int    `help:"How many servers of a cluster keep each stream." default:"1" placeholder:"N"`
	} `embed:"" prefix:"nats-"`

	// kong would make S_3 of S3 in the names of the variables.
	S3 struct {
		Endpoint  string `env:"GROKPUTER_S3_ENDPOINT" help:"S3 server." default:"127.0.0.1:9000" placeholder:"HOST:PORT"`
		Bucket    string `env:"GROKPUTER_S3_BUCKET" help:"Bucket for the frames." default:"grokputer" placeholder:"NAME"`
		AccessKey string `env:"GROKPUTER_S3_ACCESS_KEY" help:"Access key at that server." placeholder:"TEXT"`
		SecretKey string `env:"GROKPUTER_S3_SECRET_KEY" help:"Secret key at that server; better set as GROKPUTER_S3_SECRET_KEY." placeholder:"TEXT"`
		Secure    bool   `env:"GROKPUTER_S3_SECURE" help:"Speak HTTPS with that server."`
	} `embed:"" prefix:"s3-"`

	Desktop string `help:"Name of this desktop." default:"main" placeholder:"NAME"`
	Monitor int    `help:"Which monitor to look at, counted from 0." default:"0" placeholder:"N"`
	Capture string `help:"What takes the pictures: x11, over one connection that is kept, or kbinani, which also knows other systems." enum:"x11,kbinani" default:"x11" placeholder:"NAME"`

	Storage struct {
		MaxGB float64 `name:"max-gb" help:"Space for frames, in gigabytes; the oldest go first." default:"10" placeholder:"N"`
	} `embed:"" prefix:"storage-"`

	Log struct {
		Level  string `help:"Least grave lines to log." enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL"`
		Format string `help:"How log lines look." enum:"text,json" default:"text" placeholder:"FORMAT"`
	} `embed:"" prefix:"log-"`
	OTLP string `name:"otlp-endpoint" help:"OpenTelemetry collector that gets the traces; none when empty." placeholder:"URL"`
}

// run runs the observer until ctx ends. Ready is called once it serves.
func run(ctx context.Context, args []string, ready func()) (err error) {
	var p program
	if _, err := settings.Parse(args, &p, settings.Options{
		Name: "observer", Description: "The eyes of Grokputer: captures a desktop and reads it.",
		Files: settings.Files(), Shared: true,
	}); err != nil {
		return err
	}
	if p.Data == "" {
		if p.Data, err = settings.DataDir(); err != nil {
			return err
		}
	}
	t, flush, err := telemetry.Setup(ctx, telemetry.Options{
		Service: "observer", Endpoint: p.OTLP, LogLevel: p.Log.Level, LogFormat: p.Log.Format,
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		err = errors.Join(err, flush(ctx))
	}()
	return p.serve(ctx, t, ready)
}

// serve connects to the servers and runs the unit.
func (p *program) serve(ctx context.Context, t telemetry.Telemetry, ready func()) error {
	if err := p.fillKeys(); err != nil {
		return err
	}
	b, err := bus.Connect(ctx, bus.Options{
		URL: p.NATS.URL, User: p.NATS.User, Password: p.NATS.Password, CredentialsFile: p.NATS.Credentials,
		Name: "observer", Log: t.Log, Tracing: t.Tracing, Replicas: p.NATS.Replicas, Wait: true,
	})
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Provision(ctx); err != nil {
		return err
	}
	blobs, err := blob.Open(ctx, blob.Options{
		Endpoint: p.S3.Endpoint, Bucket: p.S3.Bucket, AccessKey: p.S3.AccessKey, SecretKey: p.S3.SecretKey, Secure: p.S3.Secure,
	})
	if err != nil {
		return err
	}
	defer blobs.Close()
	reader, err := tesseract.New(tesseract.Options{})
	if err != nil {
		return err
	}
	defer reader.Close()
	desk := x11.New("")
	defer desk.Close()
	u, err := observer.NewUnit(
		observer.NewEyes(p.capturer(), desk, layout.New(), reader),
		observer.Options{Desktop: p.Desktop, MaxGB: p.Storage.MaxGB},
	)
	if err != nil {
		return err
	}
	env := unit.Env{Bus: b, Blobs: blobs, Log: t.Log, Tracer: t.Tracer, DataDir: p.Data, Ready: ready}
	return unit.Run(ctx, env, u)
}

// fillKeys takes the data folder's credentials where none are set.
func (p *program) fillKeys() error {
	needNATS := p.NATS.User == "" && p.NATS.Credentials == ""
	needS3 := p.S3.AccessKey == ""
	if !needNATS && !needS3 {
		return nil
	}
	keys, err := credentials.Ensure(p.Data)
	if err != nil {
		return fmt.Errorf("no user or access key is set, and the data folder's cannot be used: %w", err)
	}
	if needNATS {
		p.NATS.User, p.NATS.Password = keys.NATSUser, keys.NATSPassword
	}
	if needS3 {
		p.S3.AccessKey, p.S3.SecretKey = keys.S3AccessKey, keys.S3SecretKey
	}
	return nil
}

// capturer is what takes the pictures, as set.
func (p *program) capturer() observer.Capturer {
	if p.Capture == "kbinani" {
		return xshot.New(p.Monitor)
	}
	return xgrab.New("", p.Monitor)
}
