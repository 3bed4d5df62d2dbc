package follow

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// Grant says yes to what a task asks for, as the person would who set it, and why.
// What is no question is left alone.
func Grant(ctx context.Context, b *bus.Bus, asked contracts.TaskApproval, why string) error {
	if asked.State != contracts.ApprovalRequested {
		return nil
	}
	asked.State, asked.Reason = contracts.ApprovalGranted, why
	id := fmt.Sprintf("%s-%d-%s", asked.TaskID, asked.Step, asked.State)
	return b.Publish(ctx, contracts.SubjectTask(contracts.VerbApproval, asked.TaskID), asked, bus.WithID(id), bus.WithTask(asked.TaskID))
}
