package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// by is who promotes and rolls back at the command line.
const by = "the command line"

// adaptersCmd is `grokputer adapters`.
type adaptersCmd struct {
	List     adaptersListCmd     `cmd:"" default:"withargs" help:"List the adapter versions of a role and how they do, the newest last."`
	Show     adaptersShowCmd     `cmd:"" help:"Show where one version comes from, where it stands, and what its gate measured."`
	Diff     adaptersDiffCmd     `cmd:"" help:"Say in what two versions differ: where they come from, what they learned from, how they do."`
	Promote  adaptersPromoteCmd  `cmd:"" help:"Plan new tasks with this version from now on."`
	Canary   adaptersCanaryCmd   `cmd:"" help:"Compare this version with the one in use, on some of the new tasks."`
	Rollback adaptersRollbackCmd `cmd:"" help:"Go back to the version that was in use before."`
	Download adaptersDownloadCmd `cmd:"" help:"Copy one version to a folder, and check its sha256."`
	Merge    adaptersMergeCmd    `cmd:"" help:"Average adapters of several installations into a folder."`

	Protect   adaptersProtectCmd   `cmd:"" help:"Keep this version, whatever becomes of it."`
	Unprotect adaptersUnprotectCmd `cmd:"" help:"Treat this version like any other again."`
	GC        adaptersGCCmd        `cmd:"" name:"gc" help:"Remove the files of versions that nothing uses; says which first."`
}

// asJSON is the flag of the commands that print a record.
type asJSON struct {
	JSON bool `env:"-" help:"Print JSON for programs instead of text."`
}

// describeTraining says how a version was trained.
func describeTraining(a contracts.Adapter) string {
	text := fmt.Sprintf("%s in %s, loss %.4f", counted(a.Steps, "step"), span(a.Seconds), a.Loss)
	if a.HeldOutLoss > 0 {
		text += fmt.Sprintf("; on steps that it was not trained on %.4f, its parent %.4f", a.HeldOutLoss, a.ParentLoss)
	}
	return text
}

type adaptersPromoteCmd struct {
	asJSON
	ofRole

	Version string `arg:"" help:"The version, such as lora-v3, or starter."`
	Why     string `env:"-" help:"Why, for the record." placeholder:"TEXT"`
}

// Run promotes a version.
func (cmd *adaptersPromoteCmd) Run(ctx context.Context, c *call) error {
	return cmd.change(ctx, c, contracts.SubjectRegistryPromote, cmd.query(cmd.Version, cmd.Why))
}

type adaptersCanaryCmd struct {
	asJSON
	namedVersion
}

// Run begins an experiment.
func (cmd *adaptersCanaryCmd) Run(ctx context.Context, c *call) error {
	return cmd.change(ctx, c, contracts.SubjectRegistryCanary, cmd.query(cmd.Version, cmd.Why))
}

type adaptersRollbackCmd struct {
	asJSON
	ofRole

	Version string `arg:"" optional:"" help:"The challenger, to end its comparison; or the version in use."`
	Why     string `env:"-" help:"Why, for the record." placeholder:"TEXT"`
}

// Run rolls back.
func (cmd *adaptersRollbackCmd) Run(ctx context.Context, c *call) error {
	return cmd.change(ctx, c, contracts.SubjectRegistryRollback, cmd.query(cmd.Version, cmd.Why))
}

// change has the registry decide and says what holds then.
func (cmd asJSON) change(ctx context.Context, c *call, subject string, query contracts.AdapterQuery) error {
	aliases, err := settle[contracts.Aliases](ctx, c, subject, query)
	switch {
	case err != nil:
		return err
	case cmd.JSON:
		return c.json(aliases)
	default:
		return sayAliases(c, aliases)
	}
}

// settle has the registry decide about a version, in the person's name.
func settle[T any](ctx context.Context, c *call, subject string, query contracts.AdapterQuery) (T, error) {
	query.By = by
	answer, err := withBus(ctx, c, func(b *bus.Bus) (T, error) { return askRegistry[T](ctx, b, subject, query) })
	if isAnswer(err, contracts.MicroNotFound) {
		err = fmt.Errorf("%w: `grokputer adapters%s` lists what there is", err, ofRole{query.Role}.options())
	}
	return answer, err
}

// sayAliases says which versions matter.
func sayAliases(c *call, a contracts.Aliases) error {
	line := "new tasks are planned with " + orNone(a.Champion)
	if role := (ofRole{a.Role}); role.options() != "" {
		line = fmt.Sprintf("the requests of the role %s have %s", a.Role, orPlanners(a.Champion))
	}
	if a.Challenger != "" {
		line += ", some with " + a.Challenger + " to compare them (`grokputer experiments show" + ofRole{a.Role}.options() + "`)"
	}
	switch {
	case a.Previous == "" && a.Champion != "" && ofRole{a.Role}.options() != "":
		line += "; a rollback goes back to the planner's adapter"
	case a.Previous != "":
		line += "; a rollback goes back to " + a.Previous
	}
	return c.say("%s", screen.Line(line))
}

// getAdapter returns what the registry knows of a version.
func getAdapter(ctx context.Context, b *bus.Bus, role ofRole, version string) (contracts.Adapter, error) {
	a, err := askRegistry[contracts.Adapter](ctx, b, contracts.SubjectRegistryGet, role.query(version, ""))
	if isAnswer(err, contracts.MicroNotFound) {
		return a, fmt.Errorf("there is no adapter %q: `grokputer adapters%s` lists what there is", version, role.options())
	}
	return a, err
}

// withBus connects for one question.
func withBus[T any](ctx context.Context, c *call, f func(*bus.Bus) (T, error)) (T, error) {
	b, err := c.bus(ctx)
	if err != nil {
		var none T
		return none, err
	}
	defer b.Close()
	return f(b)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return screen.Line(s)
}

// orNone is a champion's name, of which none means the base model alone.
func orNone(version string) string {
	if version == "" || version == contracts.VersionNone {
		return "the base model alone"
	}
	return version
}

// orPlanners is a champion's name of another role than the planner.
func orPlanners(version string) string {
	if version == "" {
		return "the planner's adapter"
	}
	return version
}

// span is a duration as a person says it.
func span(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}
