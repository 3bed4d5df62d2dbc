package registry

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
)

// protect has a version kept for as long as a person wants it.
func (s *service) protect(ctx context.Context, q contracts.AdapterQuery) (contracts.Adapter, error) {
	return s.mind(ctx, q, contracts.AdapterVerbProtected)
}

// unprotect has a version treated like any other again.
func (s *service) unprotect(ctx context.Context, q contracts.AdapterQuery) (contracts.Adapter, error) {
	return s.mind(ctx, q, contracts.AdapterVerbUnprotected)
}

// mind writes down that a version is protected, or is not any more. It is a decision like the others,
// so that it comes either before a removal or after it.
func (s *service) mind(ctx context.Context, q contracts.AdapterQuery, verb contracts.AdapterVerb) (contracts.Adapter, error) {
	role := roleOf(q)
	if q.Version == "" {
		return contracts.Adapter{}, fmt.Errorf("%w: it names no version", errQuestion)
	}
	if _, err := s.get(ctx, q); err != nil {
		return contracts.Adapter{}, err
	}
	_, err := s.change(ctx, role, func(current contracts.Aliases) (contracts.Aliases, error) {
		a, _, err := s.versions.get(ctx, role, q.Version)
		if err != nil {
			return current, err
		}
		if a.State == contracts.AdapterRemoved {
			return current, refusal(a)
		}
		if (a.Protected != nil) == (verb == contracts.AdapterVerbProtected) {
			return current, nil
		}
		return beside(current, verb, q), nil
	})
	if err != nil {
		return contracts.Adapter{}, err
	}
	return s.get(ctx, q)
}

// beside are the aliases with a decision that moves none of them.
func beside(current contracts.Aliases, verb contracts.AdapterVerb, q contracts.AdapterQuery) contracts.Aliases {
	next := current
	next.Experiment = of(current)
	next.Verb, next.Version, next.By, next.Why = verb, q.Version, orPerson(q.By), q.Why
	return next
}

// movesNone reports whether a decision leaves the aliases as they were.
func movesNone(verb contracts.AdapterVerb) bool {
	return verb == contracts.AdapterVerbProtected || verb == contracts.AdapterVerbUnprotected || verb == contracts.AdapterVerbRemoved
}

// settleBeside writes a decision that moves no alias into the version's record. done is false for any other.
func (s *service) settleBeside(ctx context.Context, a contracts.Aliases) (done bool, err error) {
	var change func(*contracts.Adapter) bool
	switch a.Verb {
	case contracts.AdapterVerbProtected:
		change = func(v *contracts.Adapter) bool {
			isNew := v.Protected == nil
			v.Protected = &contracts.AdapterProtection{By: a.By, Why: a.Why, Time: a.Updated}
			return isNew
		}
	case contracts.AdapterVerbUnprotected:
		change = func(v *contracts.Adapter) bool {
			was := v.Protected != nil
			v.Protected = nil
			return was
		}
	case contracts.AdapterVerbRemoved:
		change = func(v *contracts.Adapter) bool {
			if v.State == contracts.AdapterRemoved {
				return false
			}
			v.Before, v.State, v.Why = v.State, contracts.AdapterRemoved, orNoReason(a.Why)
			return true
		}
	default:
		return false, nil
	}
	return true, s.unlessUnknown(s.versions.update(ctx, a.Role, a.Version, change))
}
