// Package web makes pages of HTML with a task for each: what stands on them, how it
// looks and how the task is worded is drawn at random, and what is right on them is
// known by construction. A recorder shows them in a real browser, lets the real eyes
// read them, and asks Session.Next what is right on a page as it then is.
package web
