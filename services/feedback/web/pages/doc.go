// Package pages is the feedback service as web pages: the sessions, one session with its screens
// and actions, and the form that rates it. The server renders them whole, so that they
// work without JavaScript; static/app.js only adds comfort. Nothing is inline and nothing
// comes from elsewhere, which the Content-Security-Policy of each answer enforces. What a screen
// or a person said is data: html/template escapes all of it.
package pages
