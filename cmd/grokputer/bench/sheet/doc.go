// Package sheet measures how long the eyes take to understand a screen that is full of
// text: all of it new, and then with a small part that has changed.
package sheet
