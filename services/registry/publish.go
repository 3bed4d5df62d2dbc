package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/blob"
	"github.com/grokputer/grokputer/kit/bus"
)

// byItself is who promotes a version that nobody asked for.
const byItself = "auto"

// published handles the event of a new version. It may come again at any time: what
// was decided about the version then stays.
func (s *service) published(ctx context.Context, m bus.Message) error {
	event, err := bus.Decode[contracts.AdapterPublished](m)
	if err != nil {
		return bus.Terminate(err)
	}
	if m.Subject != contracts.SubjectAdapter(contracts.AdapterVerbPublished, event.Role, event.Version) {
		return bus.Terminate(fmt.Errorf("the event on %s is of the version %s %s", m.Subject, event.Role, event.Version))
	}
	if _, err := keyOf(event.Role, event.Version); err != nil {
		return bus.Terminate(err)
	}
	if _, err := readRole(event.Role); err != nil {
		return bus.Terminate(err)
	}
	if isStarter(event.Version) && event.Role != contracts.RolePlanner {
		return bus.Terminate(fmt.Errorf("%s is a starter's name, which serves as planner only", event.Version))
	}
	if event.Version == contracts.VersionNone {
		return bus.Terminate(fmt.Errorf("no version can be called %q", contracts.VersionNone))
	}
	return s.take(ctx, event)
}

// take records a version and decides about it, once.
func (s *service) take(ctx context.Context, event contracts.AdapterPublished) error {
	known, _, err := s.versions.get(ctx, event.Role, event.Version)
	switch {
	case err == nil && !sameFiles(known.Files, event.Files):
		return bus.Terminate(fmt.Errorf("the version %s is on record with other files: a version does not change", event.Version))
	case err == nil && (known.State != contracts.AdapterPublishedState || known.Why != ""):
		return nil // it was decided about before
	case err != nil && !errors.Is(err, ErrUnknown):
		return err
	}
	if err := s.whole(ctx, event); err != nil {
		if !isDamage(err) {
			return err // S3 is away: later
		}
		return s.reject(ctx, event, "its files in S3 are not what was published: "+err.Error())
	}
	if event.Gate == contracts.GateRejected {
		return s.reject(ctx, event, event.GateWhy)
	}
	if _, err := s.versions.create(ctx, contracts.Adapter{
		AdapterPublished: event, State: contracts.AdapterPublishedState, Updated: time.Now().UTC(),
	}); err != nil {
		return err
	}
	s.log.Info("a new version", "role", string(event.Role), "version", event.Version, "parent", event.Parent)
	if err := s.options.Hook.at(AfterRecord, event.Version); err != nil {
		return err
	}
	return s.consider(ctx, event)
}

func sameFiles(a, b []contracts.AdapterFile) bool {
	return slices.EqualFunc(a, b, func(a, b contracts.AdapterFile) bool {
		return a.Name == b.Name && a.Blob.SHA256 == b.Blob.SHA256
	})
}

// whole reads every file of a version: what cannot be loaded must not be promoted.
func (s *service) whole(ctx context.Context, event contracts.AdapterPublished) error {
	if len(event.Files) == 0 {
		return fmt.Errorf("%w: it has no files", blob.ErrCorrupt)
	}
	for _, f := range event.Files {
		if err := s.blobs.Copy(ctx, f.Blob, io.Discard); err != nil {
			return err
		}
	}
	return nil
}

// isDamage reports whether files are not what they were, and not only out of reach.
func isDamage(err error) bool {
	return errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt)
}

// reject records a version that does not serve.
func (s *service) reject(ctx context.Context, event contracts.AdapterPublished, why string) error {
	// The event comes first: once the version is on record as rejected, nobody looks again.
	if err := s.tellRejected(ctx, event, why); err != nil {
		return err
	}
	isNew, err := s.versions.create(ctx, contracts.Adapter{
		AdapterPublished: event, State: contracts.AdapterRejected, Why: why, Updated: time.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if !isNew {
		if err := s.versions.mark(ctx, event.Role, event.Version, contracts.AdapterRejected, why); err != nil {
			return err
		}
	}
	s.log.Warn("a version is rejected", "role", string(event.Role), "version", event.Version, "reason", why)
	return nil
}

// refusal is why a version can never serve, or nil. One that only did not pass the gate can,
// when a person wants it.
func refusal(a contracts.Adapter) error {
	switch {
	case a.State == contracts.AdapterRemoved:
		return fmt.Errorf("%w: the files of %s were removed: %s", ErrRefused, a.Version, a.Why)
	case a.State == contracts.AdapterRejected && a.Gate != contracts.GateRejected:
		return fmt.Errorf("%w: %s was rejected: %s", ErrRefused, a.Version, a.Why)
	default:
		return nil
	}
}

// usable is the refusal of a version as it is on record now.
func (s *service) usable(ctx context.Context, role contracts.Role, version string) error {
	a, _, err := s.versions.get(ctx, role, version)
	if err != nil {
		return err
	}
	return refusal(a)
}

// tellRejected stores the event of a rejection, once.
func (s *service) tellRejected(ctx context.Context, event contracts.AdapterPublished, why string) error {
	subject := contracts.SubjectAdapter(contracts.AdapterVerbRejected, event.Role, event.Version)
	stored, err := s.lastID(ctx, subject)
	if err != nil || stored == subject {
		return err
	}
	current, _, err := s.aliases.get(ctx, event.Role)
	if err != nil {
		return err
	}
	err = s.bus.Publish(ctx, subject, contracts.AdapterDecided{
		Role: event.Role, Version: event.Version, Champion: current.Champion, Previous: current.Previous,
		By: byItself, Why: why, Time: time.Now().UTC(),
	}, bus.WithID(subject))
	if err != nil {
		return err
	}
	return s.options.Hook.at(AfterEvent, event.Version)
}

// consider promotes a new version by itself or compares it with the champion first, or says why not.
func (s *service) consider(ctx context.Context, event contracts.AdapterPublished) error {
	current, _, err := s.aliases.get(ctx, event.Role)
	if err != nil {
		return err
	}
	why := "it is the first version of its role"
	switch {
	case event.Gate != "":
		why = event.GateWhy
	case event.HeldOutLoss > 0 && event.ParentLoss > 0:
		why = fmt.Sprintf("its held-out loss is %.4f, its parent's %.4f", event.HeldOutLoss, event.ParentLoss)
	case current.Champion != "" && s.options.Plan != nil:
		why = "new versions are compared first"
	case current.Champion != "":
		why = "new versions are promoted by themselves"
	}
	query := contracts.AdapterQuery{Role: event.Role, Version: event.Version, By: byItself, Why: why}
	against := func(current contracts.Aliases) error { return s.objection(event, current) }
	if s.options.Plan == nil || current.Champion == "" || isStarter(event.Version) {
		_, err = s.promoteUnless(ctx, query, against)
	} else {
		_, err = s.challenge(ctx, query, against)
	}
	if spoken, ok := errors.AsType[objection](err); ok {
		s.log.Info("a new version is not promoted by itself", "version", event.Version, "reason", string(spoken))
		return s.versions.mark(ctx, event.Role, event.Version, contracts.AdapterPublishedState, string(spoken))
	}
	return err
}

// objection is why a version does not become the champion by itself.
type objection string

func (o objection) Error() string { return string(o) }

// isStarter reports whether a version came with a program.
func isStarter(version string) bool {
	return version == contracts.VersionStarter || strings.HasPrefix(version, contracts.VersionStarter+"-")
}

// objection is what speaks against a version becoming the champion by itself: an
// objection, or nil.
func (s *service) objection(event contracts.AdapterPublished, current contracts.Aliases) error {
	byHand := "; promote it with: " + promoteIt(event.Role, event.Version)
	number, _ := contracts.VersionNumber(event.Version)
	champion, _ := contracts.VersionNumber(current.Champion)
	switch {
	case current.Champion == event.Version:
		return nil // a crash came before this was written down
	case isStarter(event.Version) && (current.Champion == "" || isStarter(current.Champion)):
		return nil
	case isStarter(event.Version):
		return objection("another version than a starter is in use" + byHand)
	case !s.options.AutoPromote:
		return objection("new versions wait for a person" + byHand)
	case number > 0 && number < champion:
		return objection("a newer version is in use" + byHand)
	case event.HeldOutLoss > 0 && event.ParentLoss > 0 && event.HeldOutLoss > event.ParentLoss:
		worse := fmt.Sprintf("its held-out loss %.4f is worse than its parent's, %.4f", event.HeldOutLoss, event.ParentLoss)
		return objection(worse + byHand)
	default:
		return nil
	}
}
