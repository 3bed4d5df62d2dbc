package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// tx is a transaction. It lives as long as one call, and its context with it.
type tx struct {
	ctx context.Context //nolint:containedctx // the port's methods are called within one call that has it
	tx  *sql.Tx
}

var _ feedback.Tx = (*tx)(nil)

func decode[T any](body string) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return v, fmt.Errorf("read the projection: %w", err)
	}
	return v, nil
}

func (t *tx) exec(query string, args ...any) error {
	if _, err := t.tx.ExecContext(t.ctx, query, args...); err != nil {
		return fmt.Errorf("write the projection: %w", err)
	}
	return nil
}

// each calls f with the one column of each row.
func (t *tx) each(query string, args []any, f func(string) error) error {
	rows, err := t.tx.QueryContext(t.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read the projection: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return fmt.Errorf("read the projection: %w", err)
		}
		if err := f(value); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *tx) record(query string, args ...any) (r feedback.Record, ok bool, err error) {
	var body string
	err = t.tx.QueryRowContext(t.ctx, query, args...).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("read the projection: %w", err)
	}
	r, err = decode[feedback.Record](body)
	return r, err == nil, err
}

// Record implements feedback.Reader.
func (t *tx) Record(taskID string) (feedback.Record, bool, error) {
	return t.record("SELECT body FROM sessions WHERE task_id = ?", taskID)
}

// Find implements feedback.Reader.
func (t *tx) Find(id string) (feedback.Record, bool, error) {
	return t.record("SELECT body FROM sessions WHERE session_id = ? OR task_id = ? ORDER BY started DESC LIMIT 1", id, id)
}

// Steps implements feedback.Reader.
func (t *tx) Steps(taskID string) ([]contracts.BundleStep, error) {
	steps := []contracts.BundleStep{}
	err := t.each("SELECT body FROM steps WHERE task_id = ? ORDER BY step", []any{taskID}, func(body string) error {
		s, err := decode[contracts.BundleStep](body)
		steps = append(steps, s)
		return err
	})
	return steps, err
}

// Frames implements feedback.Reader.
func (t *tx) Frames(taskID string) ([]string, error) {
	var keys []string
	const query = "WITH shown AS (SELECT task_id, frame FROM steps UNION SELECT task_id, frame FROM sessions) " +
		"SELECT DISTINCT frame FROM shown AS mine WHERE task_id = ? AND frame <> '' AND NOT EXISTS " +
		"(SELECT 1 FROM shown WHERE frame = mine.frame AND task_id <> mine.task_id)"
	err := t.each(query, []any{taskID}, func(key string) error {
		keys = append(keys, key)
		return nil
	})
	return keys, err
}

// Rating implements feedback.Reader.
func (t *tx) Rating(taskID, id string) (e contracts.FeedbackSubmitted, content string, ok bool, err error) {
	var body string
	err = t.tx.QueryRowContext(t.ctx, "SELECT content, body FROM ratings WHERE task_id = ? AND id = ?", taskID, id).Scan(&content, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return e, "", false, nil
	}
	if err != nil {
		return e, "", false, fmt.Errorf("read the projection: %w", err)
	}
	e, err = decode[contracts.FeedbackSubmitted](body)
	return e, content, err == nil, err
}

// PutRating implements feedback.Tx.
func (t *tx) PutRating(e contracts.FeedbackSubmitted, content string) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the projection: %w", err)
	}
	return t.exec("INSERT OR REPLACE INTO ratings (task_id, id, content, body) VALUES (?, ?, ?, ?)", e.TaskID, e.ID, content, string(body))
}

// Deleted implements feedback.Reader.
func (t *tx) Deleted(taskID string) (bool, error) {
	var n int
	if err := t.tx.QueryRowContext(t.ctx, "SELECT count(*) FROM deleted WHERE task_id = ?", taskID).Scan(&n); err != nil {
		return false, fmt.Errorf("read the projection: %w", err)
	}
	return n > 0, nil
}

// Put implements feedback.Tx.
func (t *tx) Put(r feedback.Record) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the projection: %w", err)
	}
	var stars, rated any
	if r.Rating != nil {
		stars, rated = r.Rating.Stars, r.Rating.Time.UnixNano()
	}
	frame := ""
	if r.LastFrame != nil {
		frame = r.LastFrame.Image.Key
	}
	return t.exec("INSERT OR REPLACE INTO sessions (task_id, session_id, started, outcome, stars, rated, frame, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		r.TaskID, r.SessionID, r.Started.UnixNano(), string(r.Outcome), stars, rated, frame, string(body))
}

// PutStep implements feedback.Tx.
func (t *tx) PutStep(taskID string, s contracts.BundleStep) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write the projection: %w", err)
	}
	return t.exec("INSERT OR REPLACE INTO steps (task_id, step, frame, body) VALUES (?, ?, ?, ?)",
		taskID, s.Step, s.Frame.Image.Key, string(body))
}

// Delete implements feedback.Tx.
func (t *tx) Delete(taskID string) error {
	for _, query := range []string{
		"DELETE FROM sessions WHERE task_id = ?", "DELETE FROM steps WHERE task_id = ?", "DELETE FROM ratings WHERE task_id = ?",
		"INSERT OR IGNORE INTO deleted (task_id) VALUES (?)",
	} {
		if err := t.exec(query, taskID); err != nil {
			return err
		}
	}
	return nil
}
