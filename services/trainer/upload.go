package trainer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
)

// contentTypes of an adapter's files; any other is JSON.
var contentTypes = map[string]string{".safetensors": "application/octet-stream", ".gz": "application/gzip"}

// upload puts the adapter's files into S3. One that lies there already is stored again
// with the same content: a job's result does not change once it is there.
func (w *work) upload(ctx context.Context) (contracts.JobPhase, error) {
	folder := filepath.Join(w.dir(), AdapterFolder)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return contracts.JobDataset, nil // it is made anew
	}
	if err != nil {
		return "", fmt.Errorf("read the adapter: %w", err)
	}
	for _, e := range entries {
		if err := w.uploadFile(ctx, folder, e.Name()); err != nil {
			return "", err
		}
		w.config.Hook.at(AfterFile, w.job.JobID)
	}
	w.config.Hook.at(AfterUpload, w.job.JobID)
	return contracts.JobPublish, nil
}

// withdraw takes back what was uploaded when no version comes of a job: nothing else would ever remove it.
// It does not if the version is published after all: its event may be stored without our having learned of it.
func (w *work) withdraw(ctx context.Context) (published bool, err error) {
	if w.job.Phase != contracts.JobUpload && w.job.Phase != contracts.JobPublish {
		return false, nil
	}
	_, err = w.keep(ctx, func(ctx context.Context) (_ contracts.JobPhase, err error) {
		published, err = w.isStored(ctx, contracts.StreamAdapters,
			contracts.SubjectAdapter(contracts.AdapterVerbPublished, w.job.For(), w.job.Version))
		return "", err
	})
	if err != nil || published {
		return published, err
	}
	left, err := w.blobs.List(ctx, contracts.AdapterKey(w.job.For(), w.job.Version, ""))
	for _, o := range left {
		err = errors.Join(err, w.blobs.Remove(ctx, o.Key))
	}
	if err != nil { // the next job of that number stores over them
		w.log.Warn("files of a version that was not published stay", "version", w.job.Version, "err", err)
	}
	return false, nil
}

func (w *work) uploadFile(ctx context.Context, folder, name string) error {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return fmt.Errorf("read the adapter: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	kind := contentTypes[filepath.Ext(name)]
	if kind == "" {
		kind = "application/json"
	}
	_, err = w.blobs.PutStream(ctx, contracts.AdapterKey(w.job.For(), w.job.Version, name), f, kind)
	return err
}
