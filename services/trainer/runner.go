package trainer

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// ErrUntrainable means that a job cannot succeed however often it is tried: the base
// model is missing or another, or the adapter to begin from does not fit it.
var ErrUntrainable = errors.New("this training cannot be done")

// Runner does the training of a job.
type Runner interface {
	// Run trains as assigned and returns what came of it. What an earlier call with the
	// same assignment left in its folder is gone on with. tell is called in order,
	// from one goroutine. What comes on rest says when to rest (true) and when to go on;
	// it may be closed, or nil, which never rests. When ctx ends, Run keeps what is done and
	// returns ctx's error. Errors that no repetition mends are ErrUntrainable.
	Run(ctx context.Context, a Assignment, tell func(Update), rest <-chan bool) (Trained, error)
}

// Assignment is a training to be done. It is JSON, for the process that does it.
type Assignment struct {
	JobID   string `json:"job_id"`
	Version string `json:"version"`
	// Folder is the job's own folder. The examples are in DatasetFile there; the
	// adapter's files go to AdapterFolder.
	Folder string `json:"folder"`
	// Model is the file of the base model; an empty SHA256 accepts any.
	Model       string `json:"model"`
	ModelSHA256 string `json:"model_sha256,omitempty"`
	// ParentFolder has the adapter to begin from; empty begins from the base.
	Parent       string `json:"parent,omitempty"`
	ParentFolder string `json:"parent_folder,omitempty"`
	ParentSHA256 string `json:"parent_sha256,omitempty"`

	// ChampionFolder has the adapter in use, which the new one has to be better than; empty
	// for the base model. Known are the sessions that it learned from.
	Champion       string     `json:"champion,omitempty"`
	ChampionFolder string     `json:"champion_folder,omitempty"`
	ChampionSHA256 string     `json:"champion_sha256,omitempty"`
	Known          []string   `json:"known,omitempty"`
	Gate           gate.Rules `json:"gate"`

	Recipe Recipe `json:"recipe"`
	Power  Power  `json:"power"`
	// Share is the part of the processors to use, 0 to 1.
	Share float64 `json:"share"`

	DatasetSHA256 string   `json:"dataset_sha256"`
	Sessions      []string `json:"sessions"`
	CreatedBy     string   `json:"created_by"`
}

// Names in a job's folder.
const (
	DatasetFile   = "dataset.jsonl.gz"
	AdapterFolder = "adapter"
)

// Update is something that happened in a training: Planned, Progressed or Checkpointed.
type Update interface{ update() }

// Planned says what the training will do, before it begins.
type Planned struct {
	Parameters int64   `json:"parameters"` // trained
	Steps      int     `json:"steps"`
	Resumed    int     `json:"resumed"` // of these, done before
	Tokens     int     `json:"tokens"`  // of one epoch
	Seconds    float64 `json:"seconds"` // expected, by how long the measuring of the parent took
	Device     string  `json:"device"`
	Dropped    int     `json:"dropped"` // examples that are too long for the model
	// Supervised examples, Pairs and Judged answers are what SFT, DPO and KTO learn from.
	Supervised int `json:"supervised"`
	Pairs      int `json:"pairs,omitempty"`
	Judged     int `json:"judged,omitempty"`
}

// Progressed comes after each step and each measurement.
type Progressed struct{ contracts.TrainingProgress }

// Checkpointed says from where a crash would go on.
type Checkpointed struct {
	Step  int `json:"step"`
	Steps int `json:"steps"`
}

func (Planned) update()      {}
func (Progressed) update()   {}
func (Checkpointed) update() {}

// Trained is what came of a training.
type Trained struct {
	BaseModel  string `json:"base_model"`
	BaseSHA256 string `json:"base_sha256"`
	SHA256     string `json:"sha256"` // of adapter_model.safetensors

	Steps    int     `json:"steps"`
	BestStep int     `json:"best_step"`
	Loss     float64 `json:"loss"`
	// HeldOutLoss and ParentLoss are the mean losses per label token, in nats, on the
	// held-out examples; 0 when there are none.
	HeldOutLoss float64 `json:"held_out_loss"`
	ParentLoss  float64 `json:"parent_loss"`
	// Gate is what the gate says, and GateWhy the reason in a sentence.
	Gate    contracts.Gate `json:"gate,omitempty"`
	GateWhy string         `json:"gate_why,omitempty"`

	Parameters int64   `json:"parameters"`
	Seconds    float64 `json:"seconds"`     // by the clock
	CPUSeconds float64 `json:"cpu_seconds"` // of all cores
	Cost       float64 `json:"cost"`
}
