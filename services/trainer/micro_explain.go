package trainer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/micro"

	"github.com/grokputer/grokputer/contracts"
)

const (
	// maxExplained is how many steps stand in one answer: it has to fit a message.
	maxExplained = 100
	// explainTimeout bounds the fetching of a dataset.
	explainTimeout = 30 * time.Second
)

// respondExplained answers what a version was trained on.
func (s *service) respondExplained(ctx context.Context, r micro.Request) {
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	answer, code, err := s.explain(ctx, r.Data())
	if err != nil {
		err = r.Error(code, err.Error(), nil)
	} else {
		err = r.RespondJSON(answer)
	}
	if err != nil {
		s.log.Warn("a request was not answered", "err", err)
	}
}

// explain returns the answer to a query, or an error and its code.
func (s *service) explain(ctx context.Context, query []byte) (answer contracts.Explained, code string, err error) {
	q := contracts.ExplainQuery{Version: strings.TrimSpace(string(query))}
	if strings.HasPrefix(q.Version, "{") {
		q = contracts.ExplainQuery{}
		if err := json.Unmarshal(query, &q); err != nil {
			return answer, contracts.MicroBadRequest, fmt.Errorf("the query cannot be read: %w", err)
		}
	}
	if q.Version == "" || q.Example < 0 || q.After < 0 {
		return answer, contracts.MicroBadRequest, errors.New("name a version, such as lora-v1, and numbers from 1 up")
	}
	a, err := ask[contracts.Adapter](ctx, s.bus, contracts.SubjectRegistryGet, contracts.AdapterQuery{Role: q.Role, Version: q.Version})
	if refused, ok := errors.AsType[*answerError](err); ok {
		return answer, refused.code, errors.New(refused.text)
	}
	if err != nil {
		return answer, contracts.MicroUnavailable, err
	}
	if a.Dataset.Key == "" {
		return answer, contracts.MicroNotFound, fmt.Errorf("%s was not trained here: nothing is kept of what it learned from", q.Version)
	}
	examples, err := s.dataset(ctx, a.Dataset)
	if err != nil {
		return answer, contracts.MicroUnavailable, fmt.Errorf("explain %s: %w", q.Version, err)
	}
	answer = Explain(examples)
	answer.Version, answer.Dataset = a.Version, a.Dataset
	if q.Example > 0 {
		answer.Steps = nil
		one, err := ExplainExample(examples, q.Example)
		answer.Example = &one
		return answer, contracts.MicroNotFound, err
	}
	answer.Steps, answer.Next = page(answer.Steps, q.After)
	return answer, "", nil
}

// page returns the steps behind a number that fit into one answer, and the number behind
// which the rest are; 0 when these are the last.
func page(steps []contracts.ExplainedStep, after int) (fit []contracts.ExplainedStep, next int) {
	fit = slices.DeleteFunc(steps, func(e contracts.ExplainedStep) bool { return e.Example <= after })
	if len(fit) > maxExplained {
		fit = fit[:maxExplained]
		next = fit[maxExplained-1].Example
	}
	return fit, next
}

// dataset fetches a stored dataset and reads it.
func (s *service) dataset(ctx context.Context, pointer contracts.Blob) (examples []Example, err error) {
	folder, err := os.MkdirTemp("", "grokputer-dataset-")
	if err != nil {
		return nil, fmt.Errorf("fetch the dataset: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, DatasetFile)
	if err := s.blobs.Download(ctx, pointer, path); err != nil {
		return nil, fmt.Errorf("fetch the dataset: %w", err)
	}
	return ReadExamples(path)
}
