package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/house"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/actor/cmd/safety"
	"github.com/grokputer/grokputer/services/actor/folders"
	"github.com/grokputer/grokputer/services/actor/launch"
	"github.com/grokputer/grokputer/services/actor/xtest"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/registry"
	"github.com/grokputer/grokputer/services/trainer/settings"
)

// work are the settings of the commands that start services.
type work struct {
	Screen  screenSettings  `embed:"" group:"The desktop:"`
	Planner plannerSettings `embed:"" group:"The planner:"`
	Safety  safety.Settings `embed:"" group:"Limits:"`
	Storage storage         `embed:"" prefix:"storage-" group:"Limits:"`
	Ports   ports           `embed:"" group:"The embedded servers:"`

	Observer readers.Settings `embed:"" prefix:"observer-" group:"The desktop:"`

	Registry registrySettings  `embed:"" prefix:"registry-" group:"Learning:"`
	Train    settings.Settings `embed:"" prefix:"train-" group:"Learning:"`

	Desktop string            `group:"The desktop:" help:"Name of this desktop: tasks for it say so." default:"main" placeholder:"NAME"`
	Folders map[string]string `group:"The desktop:" help:"Folders in which the agent may look for files and save pictures, by the name that it uses; Desktop, Documents, Pictures and vault when not given." mapsep:";" placeholder:"NAME=FOLDER;..."`
	Apps    map[string]string `group:"The desktop:" help:"Applications that the agent may open: name and aliases, and the program with its arguments; a text editor, a calculator, a terminal and a file manager when not given." mapsep:";" placeholder:"NAME|ALIAS=PROGRAM ARGUMENT;..."`
}

type ports struct {
	NATSPort    int  `name:"nats-port" help:"Port of the embedded NATS server on this machine; 0 takes a free one." default:"4222" placeholder:"PORT"`
	S3Port      int  `name:"s3-port" env:"GROKPUTER_S3_PORT" help:"Port of the embedded S3 server on this machine; 0 takes a free one." default:"9000" placeholder:"PORT"`
	HTTPPort    int  `name:"http-port" help:"Port of the page and the API on which you rate, on this machine; 0 takes a free one." default:"8420" placeholder:"PORT"`
	NATSContext bool `name:"nats-context" help:"Have the ordinary nats client know the embedded server, by a context in its configuration." default:"true" negatable:""`
}

type registrySettings struct {
	AutoPromote  bool          `help:"Use a new version by itself, unless it does worse than its parent on what neither was trained on." default:"true" negatable:""`
	Rollout      string        `help:"How a new version comes into use: direct, at once; trial, after half of the tasks went to it until there were some ratings, and it did no worse than the one in use; canary, after it was shown to be better on a tenth of the tasks, then on half; ab, on half from the start." enum:"direct,trial,canary,ab" default:"trial" placeholder:"NAME"`
	TrialRatings int           `help:"How many ratings, of both versions together, a trial takes; a quarter of them at least of each." default:"40" placeholder:"N"`
	Settle       time.Duration `help:"How long a rating can be changed before it counts in a comparison." default:"10m" placeholder:"TIME"`
	Starter      string        `help:"Folder of the adapter that the agent starts with; the one that comes with the program when not given." placeholder:"FOLDER"`
}

func (r registrySettings) rollout() registry.Rollout {
	return registry.Rollout{Way: r.Rollout, Settle: r.Settle, TrialRatings: r.TrialRatings}
}

type screenSettings struct {
	Display string           `help:"X display of yours to work on, such as :0, instead of a screen of the agent's own; asks before it is used." placeholder:":N"`
	Yes     bool             `short:"y" env:"-" help:"Answer yes to the question whether that display may be used."`
	Size    string           `name:"screen-size" help:"Size of the agent's own screen in pixels." default:"1280x800" placeholder:"WxH"`
	Capture string           `help:"What takes the pictures: x11, over one connection that is kept, or kbinani, which also knows other systems." enum:"x11,kbinani" default:"x11" placeholder:"NAME"`
	Hands   string           `help:"What moves pointer and keys: xtest, which knows after a crash what it had sent, or robotgo." enum:"xtest,robotgo" default:"xtest" placeholder:"NAME"`
	Typing  string           `help:"How text gets to a program: keys; clipboard, for programs that ignore changes of the keyboard; or auto, which pastes only what keys cannot give. With robotgo always keys." enum:"auto,keys,clipboard" default:"auto" placeholder:"NAME"`
	Monitor observer.Monitor `help:"Which monitor of the display to look at: its number, counted from 0; focused, the one with the window that has the focus; or all." default:"0" placeholder:"N"`
}

type storage struct {
	MaxGB float64 `name:"max-gb" help:"Space for pictures of the screen, in gigabytes; the oldest go first." default:"10" placeholder:"N"`
}

// config is the house that the settings describe.
func (w *work) config(c *call) (house.Config, error) {
	hands, err := w.Safety.Config(w.Desktop)
	if err != nil {
		return house.Config{}, err
	}
	config := house.Config{
		Data: c.data(), NATS: c.shared.nats(), S3: c.shared.s3(),
		Observer: observer.Options{Desktop: w.Desktop, MaxGB: w.Storage.MaxGB}, Reader: w.Observer.In(c.data()),
		Actor: hands, Apps: w.apps(), Planner: w.Planner.planner(c.data()),
	}
	config.Registry = registry.DefaultOptions()
	config.Registry.AutoPromote, config.Registry.Starter = w.Registry.AutoPromote, w.starter(c.data())
	if config.Registry.Plan, err = w.Registry.rollout().Plan(); err != nil {
		return house.Config{}, err
	}
	if config.Planner.URL == "" {
		training := w.Train.Config(config.Planner.Model, config.Planner.SHA256, "grokputer "+readBuildInfo().Version)
		config.Trainer = &training
	}
	config.NATS.Port, config.NATS.WriteContext, config.S3.Port = w.Ports.NATSPort, w.Ports.NATSContext, w.Ports.S3Port
	config.HTTP = house.HTTP{Port: w.Ports.HTTPPort, Token: c.shared.HTTP.Token, Version: readBuildInfo().Version}
	config.Screen.Kbinani = w.Screen.Capture == "kbinani"
	if config.StopKey, err = w.Safety.StopKeys(); err != nil {
		return house.Config{}, err
	}
	config.Secrets = secrets.Open(w.Safety.Secrets)
	config.Robotgo, config.Typing = w.Screen.Hands == "robotgo", xtest.Typing(w.Screen.Typing)
	config.Screen.Display, config.Screen.Monitor = w.Screen.Display, w.Screen.Monitor
	if config.Screen.Width, config.Screen.Height, err = size(w.Screen.Size); err != nil {
		return house.Config{}, err
	}
	config.Folders, err = w.folders(c.data())
	return config, err
}

// starter is the folder of the adapter that the registry begins with, empty for none.
func (w *work) starter(data string) string {
	if w.Registry.Starter != "" {
		return w.Registry.Starter
	}
	return w.Planner.starter(data)
}

// size reads a size such as 1280x800.
func size(s string) (width, height int, err error) {
	w, h, _ := strings.Cut(s, "x")
	width, errWidth := strconv.Atoi(w)
	height, errHeight := strconv.Atoi(h)
	if errWidth != nil || errHeight != nil || width < 1 || height < 1 {
		return 0, 0, fmt.Errorf("screen-size: %q is not a size such as 1280x800", s)
	}
	return width, height, nil
}

// apps returns the allow list; nil is the default one.
func (w *work) apps() []launch.App {
	var apps []launch.App
	for names, command := range w.Apps {
		all := strings.Split(names, "|")
		apps = append(apps, launch.App{Name: all[0], Aliases: all[1:], Command: strings.Fields(command)})
	}
	slices.SortFunc(apps, func(a, b launch.App) int { return strings.Compare(a.Name, b.Name) })
	return apps
}

// folders returns the vault's folders. Those of the user lie in the home
// folder, and the vault in ours.
func (w *work) folders(data string) ([]folders.Folder, error) {
	named := w.Folders
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("find the home folder: %w", err)
	}
	if len(named) == 0 {
		named = map[string]string{"vault": filepath.Join(data, "vault")}
		for _, name := range []string{"Desktop", "Documents", "Pictures"} {
			named[name] = filepath.Join(home, name)
		}
	}
	var list []folders.Folder
	for name, path := range named {
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = filepath.Join(home, rest)
		}
		if path, err = filepath.Abs(path); err != nil {
			return nil, fmt.Errorf("folders: %w", err)
		}
		list = append(list, folders.Folder{Name: name, Path: path})
	}
	slices.SortFunc(list, func(a, b folders.Folder) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// allow asks whether a display of the user's may be used.
func (w *work) allow(ctx context.Context, c *call) error {
	if w.Screen.Display == "" {
		return nil
	}
	if err := c.note("The agent is about to use the display %s: it sees all that is on it, moves the pointer, "+
		"presses keys, and opens applications there, until you end it with Ctrl-C or `grokputer stop`.", w.Screen.Display); err != nil {
		return err
	}
	return c.confirm(ctx, w.Screen.Yes, "Use the display "+w.Screen.Display+"?")
}
