package house

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"github.com/grokputer/grokputer/kit/busserver"
	"github.com/grokputer/grokputer/kit/unit"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/adapters"
	"github.com/grokputer/grokputer/services/actor/crashpoint"
	"github.com/grokputer/grokputer/services/actor/eyes"
	"github.com/grokputer/grokputer/services/actor/folders"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/actor/robot"
	"github.com/grokputer/grokputer/services/actor/xtest"
	"github.com/grokputer/grokputer/services/feedback"
	"github.com/grokputer/grokputer/services/feedback/sqlite"
	"github.com/grokputer/grokputer/services/feedback/web"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/icon"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/x11"
	"github.com/grokputer/grokputer/services/observer/xgrab"
	"github.com/grokputer/grokputer/services/observer/xshot"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/job"
	"github.com/grokputer/grokputer/services/trainer/xidle"
)

// units builds the services on the servers and the screen of this house.
func (h *House) units() ([]unit.Unit, error) {
	watcher, err := h.observer()
	if err != nil {
		return nil, err
	}
	doer, err := h.actor()
	if err != nil {
		return nil, err
	}
	knower, err := registry.New(h.config.Registry)
	if err != nil {
		return nil, err
	}
	units := []unit.Unit{watcher, doer, knower, h.feedback()}
	if h.config.Trainer != nil {
		config := *h.config.Trainer
		if h.config.Screen.Display != "" { // a person's; nobody sits at a screen of our own
			config.Desk = xidle.Desk{Display: h.config.Screen.Display}
		}
		learner, err := trainer.New(config, job.Process{Log: h.config.Log})
		if err != nil {
			return nil, err
		}
		units = append(units, learner)
	}
	return units, nil
}

// feedback is the service that ratings go to. Its address is known once all serve.
func (h *House) feedback() unit.Unit {
	c := h.config.HTTP
	return web.NewUnit(feedback.DefaultOptions(), web.Options{
		Listen: net.JoinHostPort(busserver.DefaultHost, strconv.Itoa(c.Port)), Token: c.Token, Version: c.Version,
		Bound: func(address string) { h.state.HTTP = "http://" + address },
	}, sqlite.Open)
}

func (h *House) observer() (unit.Unit, error) {
	reader, err := readers.Open(h.config.Reader, h.config.Log)
	if err != nil {
		return nil, err
	}
	h.later(func() error { reader.Close(); return nil })
	desk := x11.New(h.state.Display)
	h.later(func() error { desk.Close(); return nil })
	eyes := observer.NewEyes(h.capturer(), desk, observer.Named(layout.New(), icon.Find), reader)
	options := h.config.Observer
	options.Secrets = h.config.Secrets
	return observer.NewUnit(eyes, options)
}

func (h *House) actor() (unit.Unit, error) {
	planner, err := h.planner()
	if err != nil {
		return nil, err
	}
	env, err := h.appEnv()
	if err != nil {
		return nil, err
	}
	apps, err := launch.New(launch.Options{Apps: h.config.Apps, Env: env, Log: h.config.Log})
	if err != nil {
		return nil, fmt.Errorf("apps: %w", err)
	}
	h.laterIn(func(ctx context.Context) error {
		if h.config.Screen.Display != "" {
			return nil // on a screen of the user's, what was opened is the user's too
		}
		ctx, cancel := context.WithTimeout(ctx, closeTimeout)
		defer cancel()
		apps.Close(ctx)
		return nil
	})
	vault, err := folders.New(h.config.Folders...)
	if err != nil {
		return nil, fmt.Errorf("folders: %w", err)
	}
	config := h.config.Actor
	if config.Hook, err = crashpoint.Hook(); err != nil { // none but in builds for crash tests
		return nil, err
	}
	ports := actor.Ports{
		Planner: planner,
		Hands:   h.hands(),
		Eyes:    eyes.New(h.bus, h.config.Actor.Desktop, 0),
		Apps:    apps,
		Vault:   vault,
		Secrets: h.config.Secrets,
	}
	if len(h.config.StopKey) > 0 {
		ports.StopKey = xtest.NewStopKey(xtest.Options{Display: h.state.Display, Authority: h.state.XAuthority}, h.config.StopKey, xtest.DefaultHold)
	}
	if h.config.Planner.Registry {
		ports.Adapters, err = adapters.New(adapters.Options{
			Bus: h.bus, Blobs: h.blobs, Folder: filepath.Join(h.config.Data, "adapters"), Log: h.config.Log,
		})
		if err != nil {
			return nil, err
		}
	}
	return actor.New(config, ports)
}

// hands are those that keep a ledger in the X server, unless robotgo's are set.
func (h *House) hands() actor.Hands {
	if h.config.Robotgo {
		return &robot.Hands{}
	}
	hands := xtest.New(xtest.Options{Display: h.state.Display, Authority: h.state.XAuthority, Typing: h.config.Typing})
	h.later(func() error { hands.Close(); return nil })
	return hands
}

// capturer takes the pictures over a connection that it keeps, unless kbinani's
// library is set.
func (h *House) capturer() observer.Capturer {
	if h.config.Screen.Kbinani {
		return xshot.New(h.config.Screen.Monitor)
	}
	pictures := xgrab.New(h.state.Display, h.config.Screen.Monitor)
	h.later(func() error { pictures.Close(); return nil })
	return pictures
}
