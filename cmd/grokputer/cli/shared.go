package cli

import (
	"github.com/alecthomas/kong"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
)

// shared are the settings of every command. Each is a flag, an environment
// variable GROKPUTER_* and a line in grokputer.yaml.
type shared struct {
	Config kong.ConfigFlag `help:"One more settings file, read after grokputer.yaml of the working folder and of the user's configuration." placeholder:"FILE"`
	Data   string          `help:"Folder for everything that is kept; without it $XDG_DATA_HOME/grokputer." type:"path" placeholder:"FOLDER"`
	NATS   natsServer      `embed:"" prefix:"nats-"`
	S3     s3Server        `embed:"" prefix:"s3-"`
	HTTP   httpServer      `embed:"" prefix:"http-"`
	Log    logging         `embed:"" prefix:"log-"`
	OTLP   string          `name:"otlp-endpoint" help:"OpenTelemetry collector that gets the traces, such as http://127.0.0.1:4318; none when empty." placeholder:"URL"`
}

// natsServer is a NATS server other than the embedded one.
type natsServer struct {
	URL         string `name:"url" help:"NATS server to use instead of the embedded one." placeholder:"URL"`
	User        string `help:"User at that server." placeholder:"NAME"`
	Password    string `help:"Password at that server; better set as GROKPUTER_NATS_PASSWORD." placeholder:"TEXT"`
	Credentials string `help:"File with credentials (.creds) for that server." type:"existingfile" placeholder:"FILE"`
	Replicas    int    `help:"How many servers of a cluster keep each stream." default:"1" placeholder:"N"`
}

// s3Server is an S3 server other than the embedded one. Its environment
// variables are named here because kong would make S_3 of S3.
type s3Server struct {
	Endpoint  string `env:"GROKPUTER_S3_ENDPOINT" help:"S3 server to use instead of the embedded one." placeholder:"HOST:PORT"`
	Bucket    string `env:"GROKPUTER_S3_BUCKET" help:"Bucket for pictures, adapters and datasets." default:"grokputer" placeholder:"NAME"`
	AccessKey string `env:"GROKPUTER_S3_ACCESS_KEY" help:"Access key at that server." placeholder:"TEXT"`
	SecretKey string `env:"GROKPUTER_S3_SECRET_KEY" help:"Secret key at that server; better set as GROKPUTER_S3_SECRET_KEY." placeholder:"TEXT"`
	Secure    bool   `env:"GROKPUTER_S3_SECURE" help:"Speak HTTPS with that server."`
}

// httpServer is a feedback service other than that of the house that is up.
type httpServer struct {
	URL   string `name:"url" help:"Feedback service to rate at, such as http://127.0.0.1:8420; that of the Grokputer that is up when not given." placeholder:"URL"`
	Token string `help:"Token of the feedback service, where it is asked for; better set as GROKPUTER_HTTP_TOKEN." placeholder:"TEXT"`
}

// logging is how the services log, which they do on the standard error stream.
type logging struct {
	Level  string `help:"Least grave lines to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"warn" placeholder:"LEVEL"`
	Format string `help:"How log lines look: text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`
}

func (s shared) nats() house.NATS {
	return house.NATS{
		URL: s.NATS.URL, User: s.NATS.User, Password: s.NATS.Password,
		Credentials: s.NATS.Credentials, Replicas: s.NATS.Replicas,
	}
}

func (s shared) s3() house.S3 {
	return house.S3{
		Endpoint: s.S3.Endpoint, Bucket: s.S3.Bucket,
		AccessKey: s.S3.AccessKey, SecretKey: s.S3.SecretKey, Secure: s.S3.Secure,
	}
}
