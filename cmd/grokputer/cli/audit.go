package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

type auditCmd struct {
	Task string `arg:"" optional:"" help:"Only what was decided for this task."`
	JSON bool   `env:"-" help:"Print JSON for programs instead of a table."`
}

// Run lists the policy's decisions, the newest last.
func (cmd *auditCmd) Run(ctx context.Context, c *call) error {
	subject := contracts.SubjectAudit("*")
	if cmd.Task != "" {
		if !contracts.ValidToken(cmd.Task) {
			return fmt.Errorf("%q is not the id of a task", cmd.Task)
		}
		subject = contracts.SubjectAudit(cmd.Task)
	}
	b, err := c.bus(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	list := []contracts.AuditEntry{}
	err = b.Read(ctx, contracts.StreamAudit, []string{subject}, bus.FromStart(), func(m bus.Message) error {
		var e contracts.AuditEntry
		if err := json.Unmarshal(m.Data, &e); err != nil {
			return fmt.Errorf("read a decision: %w", err)
		}
		list = append(list, e)
		return nil
	})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return c.json(list)
	}
	rows := make([][]string, len(list))
	for i, e := range list {
		why := e.Rule
		if e.Words != "" {
			why += ": " + screen.Line(e.Words)
		}
		rows[i] = []string{
			local(e.Time), e.TaskID, strconv.Itoa(e.Step), short(e.Action), e.Class, why,
			string(e.Verdict), e.By, orDash(screen.Line(e.Reason)),
		}
	}
	return c.table([]string{"TIME", "TASK", "STEP", "ACTION", "CLASS", "WHY", "VERDICT", "BY", "REASON"}, rows)
}
