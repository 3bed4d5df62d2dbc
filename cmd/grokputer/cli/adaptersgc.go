package cli

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

type adaptersGCCmd struct {
	asJSON
	ofRole

	Keep   int    `env:"-" help:"How many of the newest versions that nothing uses stay all the same." default:"3" placeholder:"N"`
	DryRun bool   `env:"-" help:"Only say what would be removed."`
	Yes    bool   `short:"y" env:"-" help:"Remove without asking."`
	Why    string `env:"-" help:"Why, for the record." placeholder:"TEXT"`
}

// Run says what would be removed, asks, and removes just that.
func (cmd *adaptersGCCmd) Run(ctx context.Context, c *call) error {
	if cmd.Keep < 0 {
		return fmt.Errorf("keep: %d is not a number of versions from 0 up", cmd.Keep)
	}
	query := contracts.CollectQuery{Role: cmd.Role, Keep: &cmd.Keep, By: by, Why: cmd.Why}
	would, err := collect(ctx, c, query)
	if err != nil {
		return err
	}
	if cmd.JSON && (cmd.DryRun || !cmd.Yes) {
		return c.json(would)
	}
	if !cmd.JSON {
		if err := sayCollection(c, would); err != nil {
			return err
		}
	}
	if cmd.DryRun || len(would.Versions) == 0 {
		if cmd.JSON {
			return c.json(would)
		}
		return nil
	}
	question := fmt.Sprintf("Remove the files of %s (%s) for good?", counted(len(would.Versions), "version"), sized(would.Bytes))
	if err := c.confirm(ctx, cmd.Yes, question); err != nil {
		return err
	}
	for _, v := range would.Versions {
		query.Remove = append(query.Remove, v.Version)
	}
	removed, err := collect(ctx, c, query)
	switch {
	case isAnswer(err, contracts.MicroConflict): // it has come into use since it was looked at
		return fmt.Errorf("%w; `grokputer adapters gc%s` says what is not used now", err, cmd.options())
	case err != nil:
		return err
	case cmd.JSON:
		return c.json(removed)
	default:
		return c.say("removed the files of %s, %s; their records, settings, reports and datasets stay",
			counted(len(removed.Versions), "version"), sized(removed.Bytes))
	}
}

func collect(ctx context.Context, c *call, q contracts.CollectQuery) (contracts.Collection, error) {
	return withBus(ctx, c, func(b *bus.Bus) (contracts.Collection, error) {
		return ask[contracts.Collection](ctx, b, "registry", contracts.SubjectRegistryCollect, q)
	})
}

// sayCollection says what would be removed and what stays.
func sayCollection(c *call, would contracts.Collection) error {
	rows := make([][]string, 0, len(would.Versions)+len(would.Kept))
	for _, v := range would.Versions {
		what := "nothing uses it"
		if v.State == contracts.AdapterRemoved {
			what = "its removal was not finished"
		}
		rows = append(rows, []string{"remove", v.Version, string(v.State), fmt.Sprint(v.Files), sized(v.Bytes), what})
	}
	for _, k := range would.Kept {
		rows = append(rows, []string{"keep", k.Version, "", "", "", screen.Line(k.Why)})
	}
	if len(rows) > 0 {
		if err := c.table([]string{"", "VERSION", "STATE", "FILES", "SIZE", "WHY"}, rows); err != nil {
			return err
		}
	}
	if len(would.Versions) == 0 {
		return c.say("there is nothing to remove")
	}
	return c.say("%s in all", sized(would.Bytes))
}

// sized is a number of bytes as a person reads it.
func sized(bytes int64) string {
	const mega = 1 << 20
	if bytes < mega {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/mega)
}

type adaptersProtectCmd struct {
	asJSON
	namedVersion
}

// Run protects a version.
func (cmd *adaptersProtectCmd) Run(ctx context.Context, c *call) error {
	return cmd.mind(ctx, c, contracts.SubjectRegistryProtect, cmd.query(cmd.Version, cmd.Why))
}

type adaptersUnprotectCmd struct {
	asJSON
	namedVersion
}

// Run ends the protection of a version.
func (cmd *adaptersUnprotectCmd) Run(ctx context.Context, c *call) error {
	return cmd.mind(ctx, c, contracts.SubjectRegistryUnprotect, cmd.query(cmd.Version, cmd.Why))
}

// mind has the registry protect a version or not, and says what holds then.
func (cmd asJSON) mind(ctx context.Context, c *call, subject string, query contracts.AdapterQuery) error {
	a, err := settle[contracts.Adapter](ctx, c, subject, query)
	switch {
	case err != nil:
		return err
	case cmd.JSON:
		return c.json(a)
	case a.Protected == nil:
		return c.say("%s is not protected: `grokputer adapters gc%s` may remove it once nothing uses it", a.Version, ofRole{a.Role}.options())
	default:
		return c.say("%s is protected: `grokputer adapters gc%s` keeps it", a.Version, ofRole{a.Role}.options())
	}
}
