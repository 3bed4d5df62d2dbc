package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/adapters"
	"github.com/grokputer/grokputer/services/actor/eyes"
	"github.com/grokputer/grokputer/services/actor/folders"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/actor/local"
	"github.com/grokputer/grokputer/services/actor/openai"
	"github.com/grokputer/grokputer/services/actor/xtest"
)

// Settings of the adapter that are no folder.
const (
	noAdapter       = "none"     // the base model alone
	registryAdapter = "registry" // what the registry says, task by task
)

// planner says which model plans.
type planner struct {
	Model   string        `help:"File of the base model (GGUF)." type:"path" placeholder:"FILE"`
	Adapter string        `help:"What to plan with: registry, what it says task by task; a folder with a LoRA adapter; or none." default:"registry" placeholder:"FOLDER"`
	URL     string        `name:"planner-url" help:"OpenAI-compatible endpoint that plans instead of the local model." placeholder:"URL"`
	Key     string        `name:"planner-key" help:"Key for that endpoint; better set as GROKPUTER_PLANNER_KEY." placeholder:"TEXT"`
	Name    string        `name:"planner-model" help:"The model's name at that endpoint." placeholder:"NAME"`
	Images  bool          `name:"planner-images" help:"Send the picture of the screen to that endpoint, for a model that takes pictures."`
	Timeout time.Duration `name:"planner-timeout" help:"How long one answer of that endpoint may take." default:"1m" placeholder:"TIME"`
}

// open returns the planner and what ends it.
func (p planner) open(log *slog.Logger) (actor.Planner, func(), error) {
	if p.URL != "" {
		remote, err := openai.New(openai.Options{URL: p.URL, Model: p.Name, Key: p.Key, Images: p.Images, Timeout: p.Timeout, Log: log})
		if err != nil {
			return nil, nil, err
		}
		return remote, remote.Close, nil
	}
	if p.Model == "" {
		return nil, nil, errors.New("set --model to a GGUF file, or --planner-url to an endpoint")
	}
	o := local.Options{Model: p.Model, Log: log}
	if p.Adapter != noAdapter && p.Adapter != registryAdapter {
		o.Adapter = local.Adapter{Name: filepath.Base(p.Adapter), Dir: p.Adapter}
	}
	own, err := local.New(o)
	if err != nil {
		return nil, nil, err
	}
	return own, func() {
		if err := own.Close(); err != nil {
			log.Warn("the model was not released", "err", err)
		}
	}, nil
}

// desk is the actor with what has to be ended after it.
type desk struct {
	*actor.Actor
	close func()
}

// unit puts the actor together. What it opens on the desktop stays open: the
// desktop is the user's.
func (p *program) unit(b *bus.Bus, blobs *blob.Store, log *slog.Logger) (desk, error) {
	apps, err := launch.New(launch.Options{Apps: p.apps(), Log: log})
	if err != nil {
		return desk{}, err
	}
	vault, err := folders.New(p.folders()...)
	if err != nil {
		return desk{}, err
	}
	brain, closePlanner, err := p.Planner.open(log)
	if err != nil {
		return desk{}, err
	}
	hands := xtest.New(xtest.Options{Typing: xtest.Typing(p.Typing)})
	ports := actor.Ports{Planner: brain, Hands: hands, Eyes: eyes.New(b, p.Desktop, 0), Apps: apps, Vault: vault, Secrets: secrets.Open(p.Safety.Secrets)}
	keys, err := p.Safety.StopKeys()
	if err != nil {
		closePlanner()
		return desk{}, err
	}
	if keys != nil {
		ports.StopKey = xtest.NewStopKey(xtest.Options{}, keys, xtest.DefaultHold)
	}
	if p.Planner.Adapter == registryAdapter && p.Planner.URL == "" {
		ports.Adapters, err = adapters.New(adapters.Options{Bus: b, Blobs: blobs, Folder: filepath.Join(p.Data, "adapters"), Log: log})
		if err != nil {
			closePlanner()
			return desk{}, err
		}
	}
	end := func() { hands.Close(); closePlanner() }
	config, err := p.Safety.Config(p.Desktop)
	if err != nil {
		end()
		return desk{}, err
	}
	a, err := actor.New(config, ports)
	if err != nil {
		end()
		return desk{}, err
	}
	return desk{Actor: a, close: end}, nil
}

// apps returns the allow list; nil is the default one.
func (p *program) apps() []launch.App {
	var apps []launch.App
	for names, command := range p.Apps {
		all := strings.Split(names, "|")
		apps = append(apps, launch.App{Name: all[0], Aliases: all[1:], Command: strings.Fields(command)})
	}
	slices.SortFunc(apps, func(a, b launch.App) int { return strings.Compare(a.Name, b.Name) })
	return apps
}

func (p *program) folders() []folders.Folder {
	var list []folders.Folder
	for name, path := range p.Folders {
		list = append(list, folders.Folder{Name: name, Path: path})
	}
	slices.SortFunc(list, func(a, b folders.Folder) int { return strings.Compare(a.Name, b.Name) })
	return list
}
