"""
The commands, a module for each subject.

Each module has ``register(app)``, which adds its commands to the typer application. Help texts
are written ``中文 | English``. Settings are ``context.obj``; results go through app.output.
Importing a module must be fast: heavy imports stand inside the commands.
"""
