// Package reading says what of rated sessions the screen reader misread. The reader is no
// language model, so that nothing here can train it: these are examples for whoever trains
// one that reads, such as Tesseract, which takes pictures of lines with their texts.
package reading
