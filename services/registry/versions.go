package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
)

// versions is the bucket of the adapters.
type versions struct{ kv jetstream.KeyValue }

// keyOf names a version in the bucket and must be one of its keys.
func keyOf(role contracts.Role, version string) (string, error) {
	if !contracts.ValidToken(string(role)) || !contracts.ValidToken(version) {
		return "", fmt.Errorf("%w: role %q and version %q have to be of letters, digits, - and _", ErrUnknown, role, version)
	}
	return string(role) + "." + version, nil
}

// get returns a version, ErrUnknown if it is not on record.
func (v versions) get(ctx context.Context, role contracts.Role, version string) (contracts.Adapter, uint64, error) {
	var a contracts.Adapter
	key, err := keyOf(role, version)
	if err != nil {
		return a, 0, err
	}
	revision, err := load(ctx, v.kv, key, &a)
	if err != nil {
		return a, 0, fmt.Errorf("read the version %s: %w", version, err)
	}
	if revision == 0 {
		return a, 0, fmt.Errorf("%w: %s %s", ErrUnknown, role, version)
	}
	return a, revision, nil
}

// create records a version. isNew is false when one of that name is on record.
func (v versions) create(ctx context.Context, a contracts.Adapter) (isNew bool, err error) {
	key, err := keyOf(a.Role, a.Version)
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(a)
	if err == nil {
		_, err = v.kv.Create(ctx, key, body)
	}
	if errors.Is(err, jetstream.ErrKeyExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("record the version %s: %w", a.Version, err)
	}
	return true, nil
}

// mark changes the state of a version, whoever else writes it meanwhile.
func (v versions) mark(ctx context.Context, role contracts.Role, version string, state contracts.AdapterState, why string) error {
	return v.update(ctx, role, version, func(a *contracts.Adapter) bool {
		other := a.State != state || a.Why != why
		a.State, a.Why = state, why
		return other
	})
}

// update changes the record of a version, whoever else writes it meanwhile. change reports
// whether there is anything to write.
func (v versions) update(ctx context.Context, role contracts.Role, version string, change func(*contracts.Adapter) bool) error {
	for {
		a, revision, err := v.get(ctx, role, version)
		if err != nil {
			return err
		}
		if !change(&a) {
			return nil
		}
		a.Updated = time.Now().UTC()
		body, err := json.Marshal(a)
		if err == nil {
			_, err = v.kv.Update(ctx, string(role)+"."+version, body, revision)
		}
		if !stale(err) {
			if err != nil {
				return fmt.Errorf("record the state of %s: %w", version, err)
			}
			return nil
		}
	}
}

// load reads a key's JSON. The revision is 0 when the key is not there.
func load(ctx context.Context, kv jetstream.KeyValue, key string, into any) (revision uint64, err error) {
	stored, err := kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err == nil {
		err = json.Unmarshal(stored.Value(), into)
	}
	if err != nil {
		return 0, err
	}
	return stored.Revision(), nil
}

// stale reports whether someone else has written a key meanwhile.
func stale(err error) bool {
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch)
}

// list returns the versions of a role, the oldest first.
func (v versions) list(ctx context.Context, role contracts.Role) ([]contracts.Adapter, error) {
	keys, err := v.kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the versions: %w", err)
	}
	defer func() { _ = keys.Stop() }()
	list := []contracts.Adapter{}
	for key := range keys.Keys() {
		version, ok := strings.CutPrefix(key, string(role)+".")
		if !ok {
			continue
		}
		a, _, err := v.get(ctx, role, version)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b contracts.Adapter) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Version, b.Version))
	})
	return list, nil
}

// all returns the versions of every role.
func (v versions) all(ctx context.Context) ([]contracts.Adapter, error) {
	var all []contracts.Adapter
	err := eachRole(ctx, func(ctx context.Context, role contracts.Role) error {
		list, err := v.list(ctx, role)
		all = append(all, list...)
		return err
	})
	return all, err
}

// aliases is the bucket of the aliases.
type aliases struct{ kv jetstream.KeyValue }

// get returns a role's aliases, and their revision: 0 when nothing was promoted yet.
func (a aliases) get(ctx context.Context, role contracts.Role) (contracts.Aliases, uint64, error) {
	current := contracts.Aliases{Role: role}
	revision, err := load(ctx, a.kv, string(role), &current)
	if err != nil {
		return current, 0, fmt.Errorf("read the aliases of %s: %w", role, err)
	}
	return current, revision, nil
}

// put changes a role's aliases if they are still at that revision. ok is false when
// someone else has changed them.
func (a aliases) put(ctx context.Context, next contracts.Aliases, revision uint64) (stored uint64, ok bool, err error) {
	body, err := json.Marshal(next)
	if err == nil {
		if revision == 0 {
			stored, err = a.kv.Create(ctx, string(next.Role), body)
		} else {
			stored, err = a.kv.Update(ctx, string(next.Role), body, revision)
		}
	}
	if stale(err) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("change the aliases of %s: %w", next.Role, err)
	}
	return stored, true, nil
}
