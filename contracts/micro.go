package contracts

// Subjects of the micro services (nats micro ls). Bodies and answers are JSON; an
// error comes in the headers Nats-Service-Error and Nats-Service-Error-Code.
const (
	// SubjectRegistryList takes nothing or an AdapterQuery; answers AdapterList.
	SubjectRegistryList = "registry.adapters.list"
	// SubjectRegistryGet takes an AdapterQuery, or the version as plain text; answers Adapter.
	SubjectRegistryGet = "registry.adapters.get"
	// SubjectRegistryResolve takes nothing, an AdapterQuery, or a version as plain
	// text; answers AdapterResolved.
	SubjectRegistryResolve = "registry.adapters.resolve"
	// SubjectRegistryPromote takes an AdapterQuery with a version; answers Aliases.
	SubjectRegistryPromote = "registry.adapters.promote"
	// SubjectRegistryRollback takes nothing or an AdapterQuery; answers Aliases.
	SubjectRegistryRollback = "registry.adapters.rollback"
	// SubjectRegistryCanary takes an AdapterQuery with a version, and compares it with the
	// champion; answers Aliases.
	SubjectRegistryCanary = "registry.adapters.canary"
	// SubjectRegistryProtect and SubjectRegistryUnprotect take an AdapterQuery with a version, or
	// the version as plain text; answer Adapter.
	SubjectRegistryProtect   = "registry.adapters.protect"
	SubjectRegistryUnprotect = "registry.adapters.unprotect"
	// SubjectRegistryCollect takes nothing or a CollectQuery; answers Collection.
	SubjectRegistryCollect = "registry.adapters.gc"
	// SubjectRegistryLineage takes an AdapterQuery, or the version as plain text; answers
	// AdapterLineage.
	SubjectRegistryLineage = "registry.adapters.lineage"
	// SubjectRegistryFigures takes nothing or an AdapterQuery; answers Figures.
	SubjectRegistryFigures = "registry.adapters.figures"
	// SubjectRegistryExperiments takes nothing or an ExperimentQuery; answers ExperimentList.
	SubjectRegistryExperiments = "registry.experiments.list"
	// SubjectRegistryExperiment takes an ExperimentQuery, or nothing for the newest; answers
	// ExperimentStanding.
	SubjectRegistryExperiment = "registry.experiments.get"

	// SubjectTrainerStatus takes nothing or a TrainingQuery; answers TrainingStatus.
	SubjectTrainerStatus = "trainer.status"
	// SubjectTrainerCancel takes nothing; ends the running job; answers TrainingStatus.
	SubjectTrainerCancel = "trainer.cancel"
	// SubjectTrainerExplain takes an ExplainQuery, or the version as plain text; answers Explained.
	SubjectTrainerExplain = "trainer.explain"
	// SubjectTrainerDataset takes nothing or a TrainingQuery; stores what a training would learn
	// from now; answers DatasetMade.
	SubjectTrainerDataset = "trainer.dataset"
)

// Codes of a micro service's errors, as in HTTP.
const (
	MicroBadRequest  = "400"
	MicroNotFound    = "404"
	MicroConflict    = "409"
	MicroInternal    = "500"
	MicroUnavailable = "503"
)

// AdapterQuery asks the registry.
type AdapterQuery struct {
	// Role is RolePlanner when empty.
	Role Role `json:"role,omitempty"`
	// Version is a version, or empty for the champion.
	Version string `json:"version,omitempty"`
	// TaskID is the task that the adapter is for.
	TaskID string `json:"task_id,omitempty"`
	// By and Why stand in the event of a promotion or a rollback.
	By  string `json:"by,omitempty"`
	Why string `json:"why,omitempty"`
}

// AdapterList is the registry's answer to list.
type AdapterList struct {
	Aliases  Aliases   `json:"aliases"`
	Adapters []Adapter `json:"adapters"` // oldest first
}

// AdapterResolved is the registry's answer to resolve.
type AdapterResolved struct {
	Role Role `json:"role"` // that was asked about
	// Adapter is what to plan with; nil means the base model alone, and the planner's adapter
	// for any other role.
	Adapter *Adapter `json:"adapter,omitempty"`
	// Fallback is what to plan with when that one cannot be loaded, best first.
	Fallback []Adapter `json:"fallback,omitempty"`
}
