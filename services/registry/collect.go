package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// collectQuestion reads a request: nothing, or JSON.
func collectQuestion(body []byte) (contracts.CollectQuery, error) {
	var q contracts.CollectQuery
	if len(body) > 0 {
		if err := json.Unmarshal(body, &q); err != nil {
			return q, fmt.Errorf("%w: %w", errQuestion, err)
		}
	}
	if q.Keep != nil && *q.Keep < 0 {
		return q, fmt.Errorf("%w: %d versions cannot be kept", errQuestion, *q.Keep)
	}
	var err error
	q.Role, err = readRole(q.Role)
	return q, err
}

// collect says which versions nothing uses, and removes those that the question names.
func (s *service) collect(ctx context.Context, q contracts.CollectQuery) (contracts.Collection, error) {
	plan, err := s.plan(ctx, q)
	if err != nil || len(q.Remove) == 0 {
		return plan.Collection, err
	}
	for _, version := range q.Remove {
		if err := plan.refuses(version); err != nil {
			return plan.Collection, err
		}
	}
	plan.Versions = slices.DeleteFunc(plan.Versions, func(c contracts.Collected) bool { return !slices.Contains(q.Remove, c.Version) })
	plan.Removed, plan.Bytes = true, 0
	for _, c := range plan.Versions {
		if err := s.remove(ctx, q, c.Version); err != nil {
			return plan.Collection, err
		}
		for _, key := range plan.files[c.Version] {
			if err := s.blobs.Remove(ctx, key); err != nil {
				return plan.Collection, fmt.Errorf("%s is marked as removed, and files of it are left, which the next removal takes: %w", c.Version, err)
			}
			if err := s.options.Hook.at(AfterFile, c.Version); err != nil {
				return plan.Collection, err
			}
		}
		plan.Bytes += c.Bytes
	}
	return plan.Collection, nil
}

// remove writes down that a version is removed, unless something uses it by now. From then on
// nobody is told to load it.
func (s *service) remove(ctx context.Context, q contracts.CollectQuery, version string) error {
	why := q.Why
	if why == "" {
		why = "nothing used it"
	}
	_, err := s.change(ctx, q.Role, func(current contracts.Aliases) (contracts.Aliases, error) {
		a, _, err := s.versions.get(ctx, q.Role, version)
		if err != nil || a.State == contracts.AdapterRemoved {
			return current, err
		}
		used, err := s.retained(ctx, current, []contracts.Adapter{a})
		if err != nil {
			return current, err
		}
		if reason := used[version]; reason != "" {
			return current, fmt.Errorf("%w: %s stays: %s", ErrRefused, version, reason)
		}
		return beside(current, contracts.AdapterVerbRemoved, contracts.AdapterQuery{Version: version, By: q.By, Why: why}), nil
	})
	return err
}

// plan is what a removal would do.
type plan struct {
	contracts.Collection

	files map[string][]string // the keys of each version's files
}

// refuses is why a version cannot be removed.
func (p plan) refuses(version string) error {
	if slices.ContainsFunc(p.Versions, func(c contracts.Collected) bool { return c.Version == version }) {
		return nil
	}
	for _, k := range p.Kept {
		if k.Version == version {
			return fmt.Errorf("%w: nothing was removed: %s stays: %s", ErrRefused, version, k.Why)
		}
	}
	return fmt.Errorf("%w: nothing was removed: there are no files of %q", ErrUnknown, version)
}

// plan looks at what lies in S3 of the versions that nothing uses.
func (s *service) plan(ctx context.Context, q contracts.CollectQuery) (plan, error) {
	p := plan{contracts.Collection{Versions: []contracts.Collected{}, Kept: []contracts.Kept{}}, map[string][]string{}}
	current, _, currentErr := s.aliases.get(ctx, q.Role)
	list, err := s.versions.list(ctx, q.Role)
	all, allErr := s.versions.all(ctx)
	if err = errors.Join(currentErr, err, allErr); err != nil {
		return p, err
	}
	why, err := s.retained(ctx, current, list)
	if err != nil {
		return p, err
	}
	keep := contracts.DefaultKeep
	if q.Keep != nil {
		keep = *q.Keep
	}
	newest(why, list, keep)
	sizes := map[string]int64{}
	stored, err := s.blobs.List(ctx, "adapters/")
	if err != nil {
		return p, err
	}
	for _, o := range stored {
		sizes[o.Key] = o.Size
	}
	for _, a := range list {
		if reason := why[a.Version]; reason != "" {
			p.Kept = append(p.Kept, contracts.Kept{Version: a.Version, Why: reason})
			continue
		}
		c := contracts.Collected{Version: a.Version, State: a.State}
		for _, key := range removable(a) {
			if size, there := sizes[key]; there && !elsewhere(all, a, key) {
				p.files[a.Version] = append(p.files[a.Version], key)
				c.Files, c.Bytes = c.Files+1, c.Bytes+size
			}
		}
		if c.Files > 0 || a.State != contracts.AdapterRemoved {
			p.Versions = append(p.Versions, c)
			p.Bytes += c.Bytes
		}
	}
	return p, nil
}

// removable are the keys of a version's files but for those that explain it. What its event names outside
// of its own folder is not its own.
func removable(a contracts.Adapter) (keys []string) {
	for _, f := range a.Files {
		if !f.Explains() && strings.HasPrefix(f.Blob.Key, contracts.AdapterKey(a.Role, a.Version, "")) {
			keys = append(keys, f.Blob.Key)
		}
	}
	return keys
}

// elsewhere reports whether another version, of any role, that is not removed names a file, too.
func elsewhere(all []contracts.Adapter, a contracts.Adapter, key string) bool {
	return slices.ContainsFunc(all, func(other contracts.Adapter) bool {
		return (other.Version != a.Version || other.Role != a.Role) && other.State != contracts.AdapterRemoved &&
			slices.ContainsFunc(other.Files, func(f contracts.AdapterFile) bool { return f.Blob.Key == key })
	})
}
