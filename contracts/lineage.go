package contracts

import (
	"strings"
	"time"
)

// LineageStep is a version with what it was made from.
type LineageStep struct {
	Version string       `json:"version"` // as VersionOf names it
	State   AdapterState `json:"state"`
	// Parent is the version from whose weights it began, empty for the base model.
	Parent    string `json:"parent,omitempty"`
	BaseModel string `json:"base_model"`
	JobID     string `json:"job_id,omitempty"`
	// Dataset is what it was trained on, and Report what its gate measured; zero for none.
	Dataset  Blob      `json:"dataset,omitzero"`
	Report   Blob      `json:"report,omitzero"`
	Sessions int       `json:"sessions"` // rated ones that it learned from
	Gate     Gate      `json:"gate,omitempty"`
	Time     time.Time `json:"time"`
}

// AdapterLineage is the registry's answer to where a version comes from.
type AdapterLineage struct {
	// Steps begin with the version, and go from parent to parent. The last one began from the
	// base model, or from a version that is not on record.
	Steps []LineageStep `json:"steps"`
	// Children are the versions that began from its weights, the oldest first.
	Children []string `json:"children"`
}

// Explains reports whether a file says what a version is rather than being what it plans with:
// JSON, such as its settings and its report. These stay when the version is removed.
func (f AdapterFile) Explains() bool { return strings.HasSuffix(f.Name, ".json") }

// ReportFile is the name of the file of an adapter in which its gate's report is, as JSON.
const ReportFile = "report.json"

// File returns the pointer to a version's file of that name; ok is false when it has none.
func (a AdapterPublished) File(name string) (b Blob, ok bool) {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Blob, true
		}
	}
	return b, false
}
