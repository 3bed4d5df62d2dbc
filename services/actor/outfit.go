package actor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grokputer/grokputer/contracts"
)

// outfit is what a task's requests are made with, by role. A role that is not in it was not
// needed yet.
type outfit map[contracts.Role]equipment

// equipment is an adapter, and the role that its version is of.
type equipment struct {
	adapter Adapter
	of      contracts.Role
}

// asked says that a role's request is made with the equipment.
func (e equipment) asked(role contracts.Role) contracts.RoleVersion {
	asked := contracts.RoleVersion{Role: role, Version: e.adapter.Version}
	if e.of != role {
		asked.Of = e.of
	}
	return asked
}

// equip attaches the adapter that the task is to be planned with, and has those of other roles
// ready that the task asks for by name. A champion that cannot be loaded is passed over for what was
// in use before; what the task asks for is not.
func (t *task) equip(ctx context.Context) error {
	planner, ok := t.adaptable()
	if !ok {
		return nil
	}
	pins, err := contracts.ParsePins(t.state.Adapter)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoAdapter, err)
	}
	t.pins, t.outfit = pins, outfit{}
	for _, role := range contracts.PlanningRoles() {
		if stack, pinned := pins[role]; pinned {
			if err := t.attachStack(ctx, planner, role, stack); err != nil {
				return err
			}
		}
	}
	if own, pinned := t.outfit[contracts.RolePlanner]; pinned {
		return planner.Attach(ctx, own.adapter)
	}
	if err := t.attachPlanners(ctx, planner); err != nil {
		return err
	}
	t.outfit[contracts.RolePlanner] = equipment{planner.Attached(), contracts.RolePlanner}
	return nil
}

// attachPlanners attaches the planner's champion, or what the task began with before a restart.
func (t *task) attachPlanners(ctx context.Context, planner Adaptable) error {
	if began := t.record.session.Adapter; began != "" {
		if err := t.attach(ctx, planner, contracts.RolePlanner, began); err == nil || ctx.Err() != nil {
			return err
		}
	}
	err := t.attach(ctx, planner, contracts.RolePlanner, "")
	if err == nil || ctx.Err() != nil {
		return err
	}
	if attached := planner.Attached().Version; attached != "" {
		t.log.Warn("the adapter in use stays", "adapter", attached, "err", err)
		return nil
	}
	return err
}

// dress has the planner use what a role's requests are made with, and says what that is. There is
// nothing to say of a planner that has no adapters.
func (t *task) dress(ctx context.Context, role contracts.Role) ([]contracts.RoleVersion, error) {
	planner, ok := t.adaptable()
	if !ok {
		version := t.ports.Planner.Identity().Adapter
		if version == "" {
			return nil, nil
		}
		return []contracts.RoleVersion{equipment{Adapter{Version: version}, contracts.RolePlanner}.asked(role)}, nil
	}
	own, err := t.equipment(ctx, planner, role)
	if err != nil {
		return nil, err
	}
	if err := planner.Attach(ctx, own.adapter); err != nil {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("%w: %w", ErrNoAdapter, err))
	}
	return []contracts.RoleVersion{own.asked(role)}, nil
}

// undress has the planner use its own adapter again, which is what stays where no other can be had.
func (t *task) undress(ctx context.Context) {
	own, known := t.outfit[contracts.RolePlanner]
	if planner, ok := t.adaptable(); ok && known {
		if err := planner.Attach(context.WithoutCancel(ctx), own.adapter); err != nil {
			t.log.Warn("the planner's adapter is not attached", "err", err)
		}
	}
}

// equipment is what a role's requests are made with: what it had before in this task, or else its
// champion, or else the planner's. Which one may be attached afterwards.
func (t *task) equipment(ctx context.Context, planner Adaptable, role contracts.Role) (equipment, error) {
	if own, known := t.outfit[role]; known {
		return own, nil
	}
	version, borrowed := t.before(role)
	if _, pinned := t.pins.For(role); !pinned && !borrowed {
		err := t.attach(ctx, planner, role, version)
		if err != nil && version != "" && ctx.Err() == nil {
			err = t.attach(ctx, planner, role, "")
		}
		switch {
		case ctx.Err() != nil:
			return equipment{}, ctx.Err()
		case err != nil && !errors.Is(err, errNoneOfItsOwn):
			t.log.Warn("the planner's adapter serves for another role", "role", string(role), "err", err)
		}
	}
	if _, own := t.outfit[role]; !own {
		t.outfit[role] = t.outfit[contracts.RolePlanner]
	}
	return t.outfit[role], nil
}

// before is what a role's requests were made with before a restart; borrowed says that it was the
// planner's.
func (t *task) before(role contracts.Role) (version string, borrowed bool) {
	for _, step := range slices.Backward(t.steps) {
		for _, a := range step.Adapters {
			if a.Role == role {
				return a.Version, a.Of != ""
			}
		}
	}
	return "", false
}

// errNoneOfItsOwn means that no version is in use for a role: the planner's serves.
var errNoneOfItsOwn = errors.New("no version of the role is in use")

// attach has the planner use a version of a role, or the champion and else its fallbacks when
// version is empty, and notes it.
func (t *task) attach(ctx context.Context, planner Adaptable, role contracts.Role, version string) error {
	choices, err := t.ports.Adapters.Choose(ctx, contracts.AdapterQuery{Role: role, TaskID: t.state.TaskID, Version: version})
	if err != nil {
		return err
	}
	if len(choices) == 0 {
		if version == "" && role != contracts.RolePlanner {
			return errNoneOfItsOwn
		}
		return t.wear(ctx, planner, role, Adapter{Version: contracts.VersionNone})
	}
	for _, choice := range choices {
		a, failure := t.ports.Adapters.Fetch(ctx, choice)
		if failure == nil {
			failure = t.wear(ctx, planner, role, a)
		}
		if failure == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.log.Warn("an adapter is refused", "role", string(role), "adapter", choice.Version, "err", failure)
		err = errors.Join(err, failure)
	}
	return fmt.Errorf("%w: %w", ErrNoAdapter, err)
}

// attachStack has the planner use what the task asks for, and notes it.
func (t *task) attachStack(ctx context.Context, planner Adaptable, role contracts.Role, stack contracts.Stack) error {
	if stack.Single() {
		return t.attach(ctx, planner, role, stack[0].Version)
	}
	a := Adapter{Version: stack.String()}
	for _, part := range stack {
		choices, err := t.ports.Adapters.Choose(ctx, contracts.AdapterQuery{Role: role, TaskID: t.state.TaskID, Version: part.Version})
		if err != nil {
			return err
		}
		if len(choices) == 0 {
			return fmt.Errorf("%w: %s is no version", ErrNoAdapter, part.Version)
		}
		fetched, err := t.ports.Adapters.Fetch(ctx, choices[0])
		if err != nil {
			return errors.Join(ctx.Err(), fmt.Errorf("%w: %w", ErrNoAdapter, err))
		}
		a.Parts = append(a.Parts, Part{fetched, part.Weight})
	}
	if err := t.wear(ctx, planner, role, a); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("%w: %w", ErrNoAdapter, err))
	}
	return nil
}

// wear has the planner use an adapter, and notes it as a role's own.
func (t *task) wear(ctx context.Context, planner Adaptable, role contracts.Role, a Adapter) error {
	if err := planner.Attach(ctx, a); err != nil {
		return err
	}
	t.outfit[role] = equipment{a, role}
	return nil
}
