package bartizan

// function is one of those that the module exports.
type function int

const (
	abiVersion function = iota
	engineVersion
	alloc
	free
	builderNew
	builderUpdate
	builderRemove
	builderPaths
	builderBuild
	instanceAddresses
	instanceActions
	instanceFree
	contextNew
	subcontextNew
	contextEval
	contextError
	contextFree
	functionCount
)

var names = [functionCount]string{
	abiVersion:        "bartizan_abi",
	engineVersion:     "bartizan_version",
	alloc:             "bartizan_alloc",
	free:              "bartizan_free",
	builderNew:        "bartizan_builder_new",
	builderUpdate:     "bartizan_builder_update",
	builderRemove:     "bartizan_builder_remove",
	builderPaths:      "bartizan_builder_paths",
	builderBuild:      "bartizan_builder_build",
	instanceAddresses: "bartizan_instance_addresses",
	instanceActions:   "bartizan_instance_actions",
	instanceFree:      "bartizan_instance_free",
	contextNew:        "bartizan_context_new",
	subcontextNew:     "bartizan_subcontext_new",
	contextEval:       "bartizan_context_eval",
	contextError:      "bartizan_context_error",
	contextFree:       "bartizan_context_free",
}
