package cli

// tree is the command line. A command is a struct with its flags and a method
// Run(context.Context, *call) error; adding one is a field here and a file beside.
type tree struct {
	shared `embed:"" group:"Everywhere:"`

	Up          upCmd          `cmd:"" help:"Start everything in this process and stay until Ctrl-C."`
	Run         runCmd         `cmd:"" help:"Give the agent a task and watch it work; starts what is needed when nothing is up."`
	Demo        demoCmd        `cmd:"" help:"Have the agent type a text into an editor, and check by reading the editor that it stands there."`
	Sessions    sessionsCmd    `cmd:"" help:"List, show, export or delete the record of past tasks."`
	Rate        rateCmd        `cmd:"" help:"Rate a past task, and say what would have been right."`
	Adapters    adaptersCmd    `cmd:"" help:"List, compare, promote, roll back, protect or remove what was learned (adapters)."`
	Stats       statsCmd       `cmd:"" help:"Show how the agent does from week to week: stars, successes, and which version was in use."`
	Experiments experimentsCmd `cmd:"" help:"List the comparisons of two versions, or show how one stands."`
	Train       trainCmd       `cmd:"" help:"Say whether a training is due, start one, or explain what a version learned from."`
	Replay      replayCmd      `cmd:"" help:"Score a version on past rated sessions, without touching the desktop."`
	Stop        stopCmd        `cmd:"" help:"End all input on the desktop at once and cancel what runs."`
	Approve     approveCmd     `cmd:"" help:"Approve or deny the action that a task waits with."`
	See         seeCmd         `cmd:"" help:"Say what the eyes see on a picture or on the screen."`
	Audit       auditCmd       `cmd:"" help:"List what the policy decided about each action, and why."`
	Models      modelsCmd      `cmd:"" help:"Fetch or list the models that plan and that read the screen."`
	Doctor      doctorCmd      `cmd:"" help:"Check that everything that the agent needs is there, and say how to mend what is not."`
	Bench       benchCmd       `cmd:"" help:"Measure the agent on tasks that are judged by their effect, or its language-model engine."`
	Starter     starterCmd     `cmd:"" help:"Make what the starter adapter is trained from."`
	DLQ         dlqCmd         `cmd:"" name:"dlq" help:"Look at the messages that no service could take (dead letters)."`
	Version     versionCmd     `cmd:"" help:"Print the version, and what this processor offers the engine."`
}
