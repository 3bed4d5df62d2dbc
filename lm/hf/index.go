package hf

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// ParseIndex reads the content of a model.safetensors.index.json and returns for each tensor the name of
// the file that holds it. Names that lead out of the folder are refused.
func ParseIndex(data []byte) (map[string]string, error) {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}

	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, indexName, err)
	}

	if len(index.WeightMap) == 0 {
		return nil, fmt.Errorf("%w: %s has no weight_map", ErrFormat, indexName)
	}

	for tensor, file := range index.WeightMap {
		// A name with a backslash is no path here, but is one on another system.
		plain := filepath.IsLocal(file) && filepath.Base(file) == file && !strings.ContainsAny(file, `/\`)
		if !plain || !strings.HasSuffix(file, ".safetensors") {
			return nil, fmt.Errorf("%w: %s: tensor %q in file %q, want the name of a .safetensors file of the same folder",
				ErrFormat, indexName, tensor, file)
		}
	}

	return index.WeightMap, nil
}
