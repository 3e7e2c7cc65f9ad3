package main

import "context"

func checkStorage(context.Context, config) []finding { return nil }
