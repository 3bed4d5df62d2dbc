package contracts

// DefaultKeep is how many of the newest versions that nothing uses stay, if nothing is said.
const DefaultKeep = 3

// CollectQuery asks the registry which versions nothing uses, or to remove them.
type CollectQuery struct {
	// Role is RolePlanner when empty.
	Role Role `json:"role,omitempty"`
	// Keep is how many of the newest unused versions stay all the same; DefaultKeep when nil.
	Keep *int `json:"keep,omitempty"`
	// Remove are the versions to remove, as the answer to an empty one named them. Nothing is
	// removed while it is empty, nor when one of them is used by now.
	Remove []string `json:"remove,omitempty"`
	// By and Why stand in the events of the removals.
	By  string `json:"by,omitempty"`
	Why string `json:"why,omitempty"`
}

// Collection is the registry's answer to what it would remove, or has removed.
type Collection struct {
	Removed  bool        `json:"removed"`  // false: it would
	Versions []Collected `json:"versions"` // oldest first
	Bytes    int64       `json:"bytes"`    // of all their files in S3
	// Kept are the versions whose files stay, and why.
	Kept []Kept `json:"kept"`
}

// Collected is a version that nothing uses.
type Collected struct {
	Version string       `json:"version"`
	State   AdapterState `json:"state"` // removed: a removal was not finished
	Files   int          `json:"files"`
	Bytes   int64        `json:"bytes"`
}

// Kept is a version that is not removed.
type Kept struct {
	Version string `json:"version"`
	Why     string `json:"why"`
}
