// Package standalone runs one service as a program of its own: it reads the
// settings that every service has, connects to the servers, and runs the unit
// until it is told to end.
package standalone

import (
	"fmt"

	"github.com/alecthomas/kong"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/credentials"
	"github.com/grokputer/grokputer/kit/telemetry"
)

// Settings are those that every service has. A program embeds them in the
// struct that declares its own.
type Settings struct {
	Config kong.ConfigFlag `help:"One more settings file." placeholder:"FILE"`
	Data   string          `help:"Data folder, whose credentials are used where none are set; without it $XDG_DATA_HOME/grokputer." type:"path" placeholder:"FOLDER"`
	NATS   NATS            `embed:"" prefix:"nats-"`
	S3     S3              `embed:"" prefix:"s3-"`
	Log    Log             `embed:"" prefix:"log-"`
	OTLP   string          `name:"otlp-endpoint" help:"OpenTelemetry collector that gets the traces; none when empty." placeholder:"URL"`
}

// NATS says how to reach the NATS server.
type NATS struct {
	URL         string `name:"url" help:"NATS server." default:"nats://127.0.0.1:4222" placeholder:"URL"`
	User        string `help:"User at that server." placeholder:"NAME"`
	Password    string `help:"Password at that server; better set as GROKPUTER_NATS_PASSWORD." placeholder:"TEXT"`
	Credentials string `help:"File with credentials (.creds) for that server." type:"existingfile" placeholder:"FILE"`
	Replicas    int    `help:"How many servers of a cluster keep each stream." default:"1" placeholder:"N"`
}

// S3 says how to reach the S3 server. Its variables are named here because kong
// would make S_3 of S3.
type S3 struct {
	Endpoint  string `env:"GROKPUTER_S3_ENDPOINT" help:"S3 server." default:"127.0.0.1:9000" placeholder:"HOST:PORT"`
	Bucket    string `env:"GROKPUTER_S3_BUCKET" help:"Bucket for pictures, adapters and datasets." default:"grokputer" placeholder:"NAME"`
	AccessKey string `env:"GROKPUTER_S3_ACCESS_KEY" help:"Access key at that server." placeholder:"TEXT"`
	SecretKey string `env:"GROKPUTER_S3_SECRET_KEY" help:"Secret key at that server; better set as GROKPUTER_S3_SECRET_KEY." placeholder:"TEXT"`
	Secure    bool   `env:"GROKPUTER_S3_SECURE" help:"Speak HTTPS with that server."`
}

// Log says how to log, which is on the standard error stream.
type Log struct {
	Level  string `help:"Least grave lines to log." enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL"`
	Format string `help:"How log lines look." enum:"text,json" default:"text" placeholder:"FORMAT"`
}

func (s *Settings) settings() *Settings { return s } //nolint:unused // it makes a struct that embeds Settings a Program

func (s *Settings) bus(name string, t telemetry.Telemetry) bus.Options {
	return bus.Options{
		URL: s.NATS.URL, User: s.NATS.User, Password: s.NATS.Password, CredentialsFile: s.NATS.Credentials,
		Name: name, Log: t.Log, Tracing: t.Tracing, Replicas: s.NATS.Replicas, Wait: true,
	}
}

func (s *Settings) blobs() blob.Options {
	return blob.Options{
		Endpoint: s.S3.Endpoint, Bucket: s.S3.Bucket,
		AccessKey: s.S3.AccessKey, SecretKey: s.S3.SecretKey, Secure: s.S3.Secure,
	}
}

// fillKeys takes the data folder's credentials where none are set.
func (s *Settings) fillKeys() error {
	needNATS := s.NATS.User == "" && s.NATS.Credentials == ""
	needS3 := s.S3.AccessKey == ""
	if !needNATS && !needS3 {
		return nil
	}
	keys, err := credentials.Ensure(s.Data)
	if err != nil {
		return fmt.Errorf("no user or access key is set, and the data folder's cannot be used: %w", err)
	}
	if needNATS {
		s.NATS.User, s.NATS.Password = keys.NATSUser, keys.NATSPassword
	}
	if needS3 {
		s.S3.AccessKey, s.S3.SecretKey = keys.S3AccessKey, keys.S3SecretKey
	}
	return nil
}
