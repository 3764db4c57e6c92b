"""A CloudFormation for moto that can deploy, update and delete what pipegen renders.

moto's own CloudFormation lacks

- most resource types of a delivery, or some of their properties;
- updates: it compares the texts of templates, so a change through `Fn::Sub`, a condition, a mapping or another
  resource is missed, and a stack keeps the parameters, outputs and exports of its first version;
- rollbacks: a failure is a broken call and half a stack;
- refusals at once: missing parameters, capabilities, unknown types, exports that other stacks import;
- parameters whose values are in Parameter Store.

This package replaces those parts in the process that calls `extend_moto`. `templates` and `parameters` resolve what
a template says, `engine` creates, changes, replaces and deletes its resources in order, and `stacks` runs change sets
on top of that. `resources` has the types, each of which ends in moto's own back end of its service, so that the
service's API returns what the template asked for. `resource` and `conversion` are what the types share. An unknown
property, attribute or type is an error, as it is in AWS.

`tests/support/cloud.py` starts such a server and talks to it with the real AWS CLI; so do the tests here.
"""

__all__ = ["extend_moto"]


def extend_moto() -> None:
    """Replace the parts of moto in this process, for good. Takes the time that importing moto takes."""
    from tests.moto_cloudformation import resources, stacks  # noqa: F401
