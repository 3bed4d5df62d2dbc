package contracts

import (
	"fmt"
	"time"
)

// Names of versions that no training makes.
const (
	// VersionStarter is the adapter that the agent starts with.
	VersionStarter = "starter"
	// VersionNone means the base model alone.
	VersionNone = "none"
)

// Version is the name of a role's n-th trained adapter: lora-v<n>.
func Version(n int) string { return fmt.Sprintf("lora-v%d", n) }

// VersionOf names a version for readers of another role's: it is role:version where that differs.
func VersionOf(reader, role Role, version string) string {
	if reader == role || version == "" {
		return version
	}
	return string(role) + ":" + version
}

// AdapterKey is where a version's file lies in S3; the folder of its files for the file "".
func AdapterKey(role Role, version, file string) string {
	if role == RolePlanner {
		return "adapters/" + version + "/" + file
	}
	return "adapters/" + string(role) + "/" + version + "/" + file
}

// VersionNumber reads the n of lora-v<n>; ok is false for any other name.
func VersionNumber(version string) (n int, ok bool) {
	_, err := fmt.Sscanf(version, "lora-v%d", &n)
	return n, err == nil && n > 0 && Version(n) == version
}

// AdapterFile is one file of an adapter.
type AdapterFile struct {
	Name string `json:"name"` // within the adapter's folder, such as adapter_model.safetensors
	Blob Blob   `json:"blob"`
}

// AdapterPublished says that a new version lies complete in S3. It never changes.
// Subject: adapter.published.<role>.<version>
type AdapterPublished struct {
	Role    Role   `json:"role" jsonschema:"enum=planner,enum=recovery,enum=action,enum=reader"`
	Version string `json:"version"`
	// Parent is the version from whose weights the training began, as VersionOf names it, empty for
	// the base: a role's first version begins from the planner's.
	Parent     string `json:"parent,omitempty"`
	BaseModel  string `json:"base_model"`
	BaseSHA256 string `json:"base_sha256"`
	// SHA256 is that of adapter_model.safetensors.
	SHA256 string        `json:"sha256"`
	Files  []AdapterFile `json:"files"`
	// Dataset holds what it was trained on; zero for an adapter made elsewhere.
	Dataset Blob `json:"dataset,omitzero"`
	// Sessions are the rated sessions that it learned from, Tasks their tasks.
	Sessions []string `json:"sessions,omitempty"`
	Tasks    []string `json:"tasks,omitempty"`
	JobID    string   `json:"job_id,omitempty"`

	Steps int     `json:"steps,omitempty"`
	Loss  float64 `json:"loss,omitempty"`
	// HeldOutLoss is the new version's mean loss per label token on steps that it
	// was not trained on, ParentLoss the parent's on the same.
	HeldOutLoss float64 `json:"held_out_loss,omitempty"`
	ParentLoss  float64 `json:"parent_loss,omitempty"`
	Seconds     float64 `json:"seconds,omitempty"`

	// Gate is what the comparison with the champion on held-out steps says, and GateWhy the
	// reason in a sentence; empty for an adapter that was not compared. The report lies
	// beside the adapter's files.
	Gate    Gate   `json:"gate,omitempty" jsonschema:"enum=rejected,enum=canary,enum=passed"`
	GateWhy string `json:"gate_why,omitempty"`

	Time time.Time `json:"time"`
}

// Gate is how far a new version may be tried.
type Gate string

// The gate's outcomes.
const (
	GateRejected Gate = "rejected" // not at all, unless a person wants it
	GateCanary   Gate = "canary"   // beside the one in use, where versions are compared at all
	GatePassed   Gate = "passed"   // on any part
)

// AdapterState is where a version stands.
type AdapterState string

// The states of a version.
const (
	AdapterPublishedState AdapterState = "published"  // there, and not in use
	AdapterChampion       AdapterState = "champion"   // new tasks are planned with it
	AdapterChallenger     AdapterState = "challenger" // some tasks are, to compare it with the champion
	AdapterPrevious       AdapterState = "previous"   // it was the champion before; a rollback goes back to it
	AdapterRolledBack     AdapterState = "rolledback"
	AdapterRetired        AdapterState = "retired" // it was compared, and not shown to be better
	AdapterRejected       AdapterState = "rejected"
	AdapterRemoved        AdapterState = "removed" // its weights are gone; its record and what explains it stay
)

// AdapterDecided says what was decided about a version.
// Subject: adapter.canaried|promoted|rolledback|retired|rejected|protected|unprotected|removed.<role>.<version>
type AdapterDecided struct {
	Role    Role   `json:"role" jsonschema:"enum=planner,enum=recovery,enum=action,enum=reader"`
	Version string `json:"version"`
	// Champion is the version in use from now on, Previous the one before it. A role but the
	// planner has none while the planner's serves for it.
	Champion string `json:"champion"`
	Previous string `json:"previous,omitempty"`
	// Experiment is the one that began with the decision, or that ended with it.
	Experiment string    `json:"experiment,omitempty"`
	By         string    `json:"by"` // auto, or who asked
	Why        string    `json:"why"`
	Time       time.Time `json:"time"`
}

// AdapterVerb is the middle part of an adapter's subject.
type AdapterVerb string

// The verbs of an adapter's life.
const (
	AdapterVerbPublished  AdapterVerb = "published"
	AdapterVerbCanaried   AdapterVerb = "canaried"
	AdapterVerbPromoted   AdapterVerb = "promoted"
	AdapterVerbRolledBack AdapterVerb = "rolledback"
	AdapterVerbRetired    AdapterVerb = "retired"
	AdapterVerbRejected   AdapterVerb = "rejected"

	AdapterVerbProtected   AdapterVerb = "protected"
	AdapterVerbUnprotected AdapterVerb = "unprotected"
	AdapterVerbRemoved     AdapterVerb = "removed"
)

// Adapter is a version as the registry knows it.
// Bucket: adapters, key <role>.<version>
type Adapter struct {
	AdapterPublished

	State AdapterState `json:"state"`
	// Why is the reason for the state, in a sentence.
	Why     string    `json:"why,omitempty"`
	Updated time.Time `json:"updated"`
	// Protected is there while a person wants the version kept, whatever becomes of it.
	Protected *AdapterProtection `json:"protected,omitempty"`
	// Before is the state that a removed version had.
	Before AdapterState `json:"before,omitempty"`
}

// AdapterProtection says who wants a version kept, and why.
type AdapterProtection struct {
	By   string    `json:"by"`
	Why  string    `json:"why,omitempty"`
	Time time.Time `json:"time"`
}

// Aliases name the versions of a role that matter, and keep the decision that made
// them so until its event is stored.
// Bucket: aliases, key <role>
type Aliases struct {
	Role     Role   `json:"role"`
	Champion string `json:"champion"`
	Previous string `json:"previous,omitempty"`
	// Challenger is the version that Experiment compares with the champion, if one runs; else
	// Experiment is the one that the decision below ended.
	Challenger string `json:"challenger,omitempty"`
	Experiment string `json:"experiment,omitempty"`
	// Verb is any but published and rejected, and Version the one that it was done to.
	Verb    AdapterVerb `json:"verb,omitempty"`
	Version string      `json:"version,omitempty"`
	By      string      `json:"by,omitempty"`
	Why     string      `json:"why,omitempty"`
	Updated time.Time   `json:"updated"`
}
