// Package sqlite keeps the projection in a SQLite database. What is in it can be made
// anew from the events, so a damaged or older file is set aside.
package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

//go:embed schema.sql
var schema string

// version of the schema. A file of another version is made anew: the events have
// everything, so nothing is migrated.
const version = 2

// busyTimeout is how long a writer waits for another.
const busyTimeout = 5 * time.Second

// errOther means that a file is no database, or one of another version.
var errOther = errors.New("it is not a projection of this version")

// Store is one database file.
type Store struct{ db *sql.DB }

var _ feedback.Store = (*Store)(nil)

// Open opens the database file, or makes it. One that cannot be used is renamed, and
// the projection begins anew. It is a web.Opener, and so returns the port.
func Open(ctx context.Context, path string, log *slog.Logger) (feedback.Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the projection: %w", err)
	}
	s, err := open(ctx, path)
	if err == nil {
		return s, nil
	}
	if ctx.Err() != nil || !unusable(err) {
		return nil, err // locked, or not allowed: what is in it may be good
	}
	aside := fmt.Sprintf("%s.damaged-%d", path, time.Now().Unix())
	log.Warn("the projection cannot be used and is made anew from the events", "err", err, "kept", aside)
	if err := os.Rename(path, aside); err != nil {
		return nil, fmt.Errorf("set the projection aside: %w", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("set the projection aside: %w", err)
		}
	}
	return open(ctx, path)
}

// unusable reports whether an error says that the file itself is no good.
func unusable(err error) bool {
	if errors.Is(err, errOther) {
		return true
	}
	var failure *driver.Error
	return errors.As(err, &failure) && (failure.Code()&0xff == sqlite3.SQLITE_NOTADB || failure.Code()&0xff == sqlite3.SQLITE_CORRUPT)
}

func open(ctx context.Context, path string) (*Store, error) {
	dsn := fmt.Sprintf("file:%s?_txlock=immediate&_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)",
		path, busyTimeout.Milliseconds())
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open the projection: %w", err)
	}
	// One connection: SQLite has one writer, and readers are few.
	db.SetMaxOpenConns(1)
	s := &Store{db: db}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the projection %s: %w", path, err), db.Close())
	}
	if err := os.Chmod(path, 0o600); err != nil { // it tells what was on the screen
		return nil, errors.Join(fmt.Errorf("open the projection: %w", err), db.Close())
	}
	return s, nil
}

// prepare makes the tables of a new file and refuses one of another version.
func (s *Store) prepare(ctx context.Context) error {
	var have, tables int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	switch {
	case have == version:
		var check string
		if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&check); err != nil {
			return err
		}
		if check != "ok" {
			return fmt.Errorf("%w: %s", errOther, check)
		}
		return nil
	case have != 0 || tables != 0:
		return fmt.Errorf("%w: it has version %d", errOther, have)
	}
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("BEGIN; %s; PRAGMA user_version = %d; COMMIT", schema, version))
	return err
}

// Close implements feedback.Store.
func (s *Store) Close() error { return s.db.Close() }

// Position implements feedback.Store.
func (s *Store) Position(ctx context.Context, stream string) (uint64, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, "SELECT sequence FROM positions WHERE stream = ?", stream).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the position in %s: %w", stream, err)
	}
	return uint64(n), nil
}

// Update implements feedback.Store.
func (s *Store) Update(ctx context.Context, stream string, sequence uint64, change func(feedback.Tx) error) error {
	return s.in(ctx, func(t *tx) error {
		if err := change(t); err != nil {
			return err
		}
		if stream == "" {
			return nil
		}
		return t.exec("INSERT INTO positions (stream, sequence) VALUES (?, ?) "+
			"ON CONFLICT DO UPDATE SET sequence = excluded.sequence", stream, int64(sequence))
	})
}

// View implements feedback.Store.
func (s *Store) View(ctx context.Context, read func(feedback.Reader) error) error {
	return s.in(ctx, func(t *tx) error { return read(t) })
}

func (s *Store) in(ctx context.Context, do func(*tx) error) error {
	begun, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	if err := do(&tx{ctx: ctx, tx: begun}); err != nil {
		return errors.Join(err, begun.Rollback())
	}
	if err := begun.Commit(); err != nil {
		return fmt.Errorf("commit a transaction: %w", err)
	}
	return nil
}

// List implements feedback.Store.
func (s *Store) List(ctx context.Context, f feedback.Filter) ([]feedback.Summary, error) {
	query := "SELECT body FROM sessions WHERE 1"
	var args []any
	if f.Failed {
		query += " AND outcome <> '' AND (outcome <> ? OR stars <= ?)"
		args = append(args, string(contracts.VerbCompleted), contracts.LowRating)
	}
	if f.Unrated {
		query += " AND outcome <> '' AND stars IS NULL"
	}
	if f.Waiting {
		query += " AND outcome = '' AND json_extract(body, '$.waiting') IS NOT NULL"
	}
	query += " ORDER BY started DESC, task_id DESC"
	if f.Last > 0 {
		query += " LIMIT ?"
		args = append(args, f.Last)
	}
	return s.summaries(ctx, query, args...)
}

// Rated implements feedback.Store.
func (s *Store) Rated(ctx context.Context, most int) ([]feedback.Summary, error) {
	return s.summaries(ctx, "SELECT body FROM sessions WHERE rated IS NOT NULL ORDER BY rated DESC, task_id DESC LIMIT ?", most)
}

func (s *Store) summaries(ctx context.Context, query string, args ...any) ([]feedback.Summary, error) {
	list := []feedback.Summary{}
	err := s.in(ctx, func(t *tx) error {
		return t.each(query, args, func(body string) error {
			r, err := decode[feedback.Record](body)
			list = append(list, r.Summary)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return list, nil
}

// Ended implements feedback.Store.
func (s *Store) Ended(ctx context.Context) (map[contracts.Verb]int, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT outcome, count(*) FROM sessions WHERE outcome <> '' GROUP BY outcome")
	if err != nil {
		return nil, fmt.Errorf("count the sessions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[contracts.Verb]int{}
	for rows.Next() {
		var outcome string
		var n int
		if err := rows.Scan(&outcome, &n); err != nil {
			return nil, fmt.Errorf("count the sessions: %w", err)
		}
		counts[contracts.Verb(outcome)] = n
	}
	return counts, rows.Err()
}

// RatedCount implements feedback.Store.
func (s *Store) RatedCount(ctx context.Context) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM sessions WHERE rated IS NOT NULL").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the ratings: %w", err)
	}
	return n, nil
}
