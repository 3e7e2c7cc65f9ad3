// Package container tests the container image without a container engine: it
// checks the Dockerfile's rules, builds the program with the very flags that
// stand there, and runs it in an empty root that holds only what the image
// holds, as the image's user, with fly.toml's environment.
package container
