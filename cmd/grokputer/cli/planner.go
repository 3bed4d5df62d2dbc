package cli

import (
	"os"
	"path/filepath"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
	"github.com/grokputer/grokputer/cmd/grokputer/house"
)

// noAdapter is the setting that runs the base model as it is.
const noAdapter = "none"

type plannerSettings struct {
	Model   string        `help:"File of the base model (GGUF); the fetched one in the models folder when not given." type:"path" placeholder:"FILE"`
	Adapter string        `help:"Folder of a LoRA adapter that plans every task, or none; the registry says which one when not given." placeholder:"FOLDER"`
	URL     string        `name:"planner-url" help:"OpenAI-compatible endpoint that plans instead of the local model." placeholder:"URL"`
	Key     string        `name:"planner-key" help:"Key for that endpoint; better set as GROKPUTER_PLANNER_KEY." placeholder:"TEXT"`
	Name    string        `name:"planner-model" help:"The model's name at that endpoint." placeholder:"NAME"`
	Images  bool          `name:"planner-images" help:"Send the picture of the screen to that endpoint, for a model that takes pictures."`
	Timeout time.Duration `name:"planner-timeout" help:"How long one answer of that endpoint may take." default:"1m" placeholder:"TIME"`
}

// planner is what plans, with the model and the adapter found where nothing is set.
func (s plannerSettings) planner(data string) house.Planner {
	p := house.Planner{
		URL: s.URL, Key: s.Key, Name: s.Name, Images: s.Images, Timeout: s.Timeout,
		Model: s.Model, Adapter: s.Adapter,
	}
	known := basemodel.Default()
	if p.Model == "" {
		p.Model = filepath.Join(data, "models", known.File)
	}
	// A file that has the known model's name has to be that model.
	isKnown := filepath.Base(p.Model) == known.File
	if isKnown {
		p.SHA256 = known.SHA256
	}
	switch p.Adapter {
	case noAdapter:
		p.Adapter = ""
	case "":
		p.Registry = p.URL == ""
	}
	return p
}

// starter is the folder of the adapter that a registry begins with; empty for a model
// that it was not trained for.
func (s plannerSettings) starter(data string) string {
	if p := s.planner(data); p.URL != "" || filepath.Base(p.Model) != basemodel.Default().File {
		return ""
	}
	return findStarter(data)
}

// findStarter looks for the starter adapter where the program is installed,
// built or run from, and in the data folder; empty when it is nowhere.
func findStarter(data string) string {
	starter := filepath.Join("adapters", "starter")
	places := []string{data}
	if program, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(program); err == nil {
			program = resolved
		}
		beside := filepath.Dir(program)
		places = append(places, beside, filepath.Join(beside, "..", "share", "grokputer"))
		places = append(places, repositories(beside)...)
	}
	if folder, err := os.Getwd(); err == nil {
		places = append(places, repositories(folder)...)
	}
	for _, place := range places {
		folder := filepath.Join(place, starter)
		if _, err := os.Stat(filepath.Join(folder, "adapter_config.json")); err == nil {
			return folder
		}
	}
	return ""
}

// repositories returns the checkout of Grokputer that a folder lies in, if it
// lies in one.
func repositories(folder string) []string {
	for {
		_, work := os.Stat(filepath.Join(folder, "go.work"))
		_, ours := os.Stat(filepath.Join(folder, "cmd", "grokputer"))
		if work == nil && ours == nil {
			return []string{folder}
		}
		up := filepath.Dir(folder)
		if up == folder {
			return nil
		}
		folder = up
	}
}

// describePlanner says what plans.
func describePlanner(p house.Planner) string {
	switch {
	case p.URL != "":
		return p.URL + ", model " + p.Name
	case p.Registry:
		return p.Model + ", the registry's adapter"
	case p.Adapter == "":
		return p.Model + ", no adapter"
	default:
		return p.Model + ", adapter " + p.Adapter
	}
}

// warn says what will keep tasks from being done: it can be mended while all
// else is up.
func warn(c *call, p house.Planner, starter string) error {
	if p.URL != "" {
		return nil
	}
	if _, err := os.Stat(p.Model); err != nil {
		return c.note("warning: the model is not there, so tasks will be rejected: `grokputer models pull` fetches it")
	}
	switch {
	case p.Adapter == "" && !p.Registry:
		return c.note("warning: without an adapter the base model hardly knows what to do: set one with --adapter")
	case p.Registry && starter == "":
		return c.note("warning: no starter adapter was found, so the base model plans until a version is promoted: " +
			"name its folder with --registry-starter")
	}
	return nil
}
