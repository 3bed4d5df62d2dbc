package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
	"github.com/grokputer/grokputer/cmd/grokputer/checkup"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/tesseract"
)

// errSick: something essential is missing.
var errSick = errors.New("something that the agent needs is missing: see above for how to mend it")

type doctorCmd struct {
	work `embed:""`

	JSON bool `env:"-" help:"Print JSON for programs instead of text."`
}

// Run looks at everything that the agent needs.
func (cmd *doctorCmd) Run(ctx context.Context, c *call) error {
	probes, err := cmd.probes(c)
	if err != nil {
		return err
	}
	findings := checkup.Run(ctx, probes...)
	if cmd.JSON {
		err = c.json(findings)
	} else {
		err = printFindings(c, findings)
	}
	if err == nil && !checkup.Works(findings) {
		err = errSick
	}
	return err
}

func (cmd *doctorCmd) probes(c *call) ([]checkup.Probe, error) {
	state, err := house.Find(c.data())
	if err != nil && !errors.Is(err, house.ErrNotUp) {
		return nil, err
	}
	up := err == nil
	probes := []checkup.Probe{
		checkup.Display(cmd.Screen.Display),
		checkup.WindowManager(cmd.Screen.Display),
		checkup.Try("text recognition", "run `grokputer models pull`, or apt-get install tesseract-ocr-eng", cmd.reader(c)),
		checkup.Optional(checkup.Models("reader ppocr", cmd.Observer.In(c.data()).Models, basemodel.Reader()...)),
		checkup.Optional(checkup.Try("reader tesseract", "apt-get install tesseract-ocr-eng", tesseractReader)),
		cmd.model(c),
		server("nats", c.shared.NATS.URL, state.NATS, up, cmd.Ports.NATSPort, "--nats-port"),
		server("s3", c.shared.S3.Endpoint, state.S3, up, cmd.Ports.S3Port, "--s3-port"),
		server("http", c.shared.HTTP.URL, state.HTTP, up, cmd.Ports.HTTPPort, "--http-port"),
		checkup.Secrets(secrets.Open(cmd.Safety.Secrets)),
		checkup.Disk(c.data(), int64(actor.DefaultConfig().MinFreeBytes)),
		checkup.AMD().Probe(os.Getenv("LD_LIBRARY_PATH")),
		checkup.NVIDIA().Probe(os.Getenv("LD_LIBRARY_PATH")),
	}
	apps := cmd.apps()
	if apps == nil {
		apps = launch.Defaults()
	}
	for _, app := range apps {
		probes = append(probes, checkup.Program("application: "+app.Name, app.Command[0],
			"apt-get install "+app.Command[0]+", or name another program with --apps", false))
	}
	return probes, nil
}

// reader opens what reads the screen, as the observer will.
func (cmd *doctorCmd) reader(c *call) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		s := cmd.Observer.In(c.data())
		s.Workers = 1
		r, err := readers.Open(s, slog.New(slog.DiscardHandler))
		if err != nil {
			return "", err
		}
		r.Close()
		if r.Instead != nil {
			return fmt.Sprintf("%s reads, for %v", r.Name, r.Instead), nil //nolint:nilerr // one that reads is enough
		}
		return r.Name + " reads", nil
	}
}

// tesseractReader opens Tesseract with its language data.
func tesseractReader(context.Context) (string, error) {
	r, err := tesseract.New(tesseract.Options{Workers: 1})
	if err != nil {
		return "", err
	}
	r.Close()
	return "Tesseract, English", nil
}

// model looks at whatever plans.
func (cmd *doctorCmd) model(c *call) checkup.Probe {
	p := cmd.Planner.planner(c.data())
	switch known := basemodel.Default(); {
	case p.URL != "":
		return checkup.Server("planner", p.URL, "start that server, or leave --planner-url out to plan with the local model")
	case cmd.Planner.Model != "":
		return checkup.File("model", p.Model, "name another file with --model, or leave it out and run `grokputer models pull`")
	default:
		return checkup.Model(modelsFolder{}.path(c), known)
	}
}

// server looks at a server that is set, at that of the house that is up, or
// else whether one could be started.
func server(name, set, running string, up bool, port int, flag string) checkup.Probe {
	switch {
	case set != "":
		return checkup.Server(name, set, "start that server, or leave its setting out for the embedded one")
	case up:
		return checkup.Server(name, running, "end `grokputer up` and start it again")
	default:
		return checkup.Port(name, net.JoinHostPort(busserver.DefaultHost, strconv.Itoa(port)), flag)
	}
}

// printFindings writes a line for each finding, and below it how to mend it.
func printFindings(c *call, findings []checkup.Finding) error {
	for _, f := range findings {
		state := string(f.State)
		if f.State == checkup.StateMissing && !f.Essential {
			state = "absent"
		}
		if err := c.say("%-8s %-24s %s", state, f.Name, f.Detail); err != nil {
			return err
		}
		if f.State == checkup.StateMissing && f.Mend != "" {
			if err := c.say("%-8s %-24s mend: %s", "", "", f.Mend); err != nil {
				return err
			}
		}
	}
	return nil
}
