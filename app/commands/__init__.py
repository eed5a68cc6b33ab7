"""
The commands, a module for each subject.

Each module has ``register(app)``, which adds its commands to the typer application. Help texts
are written ``中文 | English``. Settings are ``context.obj``; results go through app.output.
A module is loaded when one of its commands is asked for (app.menu), also to show its help:
imports that only running it needs stand inside the commands.
"""
