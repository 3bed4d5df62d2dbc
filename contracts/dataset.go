package contracts

// TrainingQuery asks the trainer about trainings of a role.
type TrainingQuery struct {
	// Role is RolePlanner when empty.
	Role Role `json:"role,omitempty"`
}

// DatasetMade answers trainer.dataset: what a training would learn from now.
type DatasetMade struct {
	Dataset Blob `json:"dataset"`
	// Through is the sequence in the FEEDBACK stream of the last rating that it knows.
	Through  uint64 `json:"through"`
	Examples int    `json:"examples"`
	// The rest are as in TrainingStarted.
	Lessons int `json:"lessons"`
	Varied  int `json:"varied"`
	Good    int `json:"good"`
	Bad     int `json:"bad"`
	Replay  int `json:"replay"`
	HeldOut int `json:"held_out"`
}
